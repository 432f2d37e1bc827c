package ogr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

func read(t *testing.T, s source.Source, err error) []source.Record {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	folder := s.(*converted).folder.Path
	records, _ := sourcetest.All(t, s)
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
	return records
}

// TestAgainstTheShapefile reads what GDAL made of a shapefile, as the
// shapefile itself is read.
func TestAgainstTheShapefile(t *testing.T) {
	t.Parallel()
	from := sourcetest.Sketch(t, "counties.shp")
	theirs, err := shapefile.Open(from, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := sourcetest.All(t, theirs)
	cases := []struct {
		format Format
		driver string
		file   string
		epsg   int
		more   []string
		values func([]any) []any
		sorted bool // as the file is
	}{
		{FlatGeobuf, "FlatGeobuf", "县区.fgb", 4547, []string{"-lco", "SPATIAL_INDEX=NO"}, nil, true},
		{FileGeodatabase, "OpenFileGDB", "a.gdb", 4547, []string{"-nln", "县区"}, nil, true},
		{MapInfo, "MapInfo File", "县区.tab", 4547, []string{"-lco", "ENCODING=CP936"}, nil, true},
		{MapInfo, "MapInfo File", "县区.mif", 4547, []string{"-dsco", "FORMAT=MIF", "-lco", "ENCODING=CP936"}, nil, true},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			path := sourcetest.Convert(t, c.driver, filepath.Join(t.TempDir(), c.file), from, c.more...)
			s, err := Open(path, c.format, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if epsg, how := s.CRS(); epsg != c.epsg {
				t.Errorf("CRS %d (%s), want %d", epsg, how, c.epsg)
			}
			if s.Name() != "县区" {
				t.Errorf("name %s", s.Name())
			}
			var names []string
			at := map[string]int{}
			for i, f := range s.Fields() {
				names, at[f.Name] = append(names, f.Name), i
			}
			got := read(t, s, nil)
			if len(got) != len(want) {
				t.Fatalf("%d records, want %d", len(got), len(want))
			}
			for i := range got {
				for j, f := range theirs.Fields() {
					k, there := at[f.Name]
					if !there || got[i].Values[k] != want[i].Values[j] {
						t.Errorf("row %d of %v: %v, want %v", got[i].Row, names, got[i].Values, want[i].Values)
					}
				}
				if a, b := len(got[i].Geometry.FlatCoords()), len(want[i].Geometry.FlatCoords()); a != b || got[i].Row != i+1 {
					t.Errorf("row %d: %d coordinates, want %d", i+1, a, b)
				}
			}
		})
	}
}

func TestLayersOfAGeodatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "many.gdb")
	sourcetest.Convert(t, "OpenFileGDB", path, sourcetest.Sketch(t, "counties.shp"), "-nln", "县区")
	sourcetest.Convert(t, "OpenFileGDB", path, sourcetest.Sketch(t, "rivers.geojson"), "-nln", "rivers", "-update")
	if got, err := Layers(path, FileGeodatabase); err != nil || !reflect.DeepEqual(got, []string{"县区", "rivers"}) {
		t.Errorf("%v %v", got, err)
	}
	var many *source.ManyLayersError
	if _, err := Open(path, FileGeodatabase, source.Options{}); !errors.As(err, &many) || many.File != "many.gdb" {
		t.Errorf("%v", err)
	}
	s, err := Open(path, FileGeodatabase, source.Options{Layer: "rivers"})
	if records := read(t, s, err); len(records) == 0 {
		t.Error("no river")
	}
	for _, layer := range []string{"无", "-sql"} {
		if _, err := Open(path, FileGeodatabase, source.Options{Layer: layer}); err == nil {
			t.Errorf("layer %s opened", layer)
		}
	}
}

const dxf = "0\nSECTION\n2\nHEADER\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n" +
	"0\nLWPOLYLINE\n8\n\xcd\xf8\xb8\xf1\n90\n4\n70\n1\n10\n0\n20\n0\n10\n10\n20\n0\n10\n10\n20\n10\n10\n0\n20\n10\n" +
	"0\nLWPOLYLINE\n8\nroad\n90\n2\n70\n0\n10\n0\n20\n0\n10\n10\n20\n0\n" +
	"0\nTEXT\n8\n\xd7\xa2\xbc\xc7\n10\n5\n20\n5\n40\n1\n1\n\xba\xc9\xcc\xc1\xc7\xf8\n0\nENDSEC\n0\nEOF\n"

func TestDXF(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "图.dxf")
	if err := os.WriteFile(path, []byte(dxf), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, DXF, source.Options{Layer: "图"})
	if err != nil {
		t.Fatal(err)
	}
	if epsg, how := s.CRS(); epsg != 0 || how.ZH == "" || how.EN == "" || s.Name() != "图" {
		t.Errorf("%s: CRS %d (%s)", s.Name(), epsg, how)
	}
	at := map[string]int{}
	for i, f := range s.Fields() {
		at[f.Name] = i
	}
	got := ""
	for _, r := range read(t, s, nil) {
		got += fmt.Sprintf("%v %v %T\n", r.Values[at["Layer"]], r.Values[at["Text"]], r.Geometry)
	}
	if want := "网格 <nil> *geom.Polygon\nroad <nil> *geom.LineString\n注记 荷塘区 *geom.Point\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	s, err = Open(path, DXF, source.Options{EPSG: 4547})
	if err != nil {
		t.Fatal(err)
	}
	if epsg, _ := s.CRS(); epsg != 4547 {
		t.Errorf("CRS %d by the user's word", epsg)
	}
	read(t, s, nil)
}

func TestXLS(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "enterprises.xls")
	if got, err := Sheets(path); err != nil || !reflect.DeepEqual(got, []string{"企业名单", "说明"}) {
		t.Errorf("%v %v", got, err)
	}
	s, err := OpenXLS(path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Name() != "企业名单" {
		t.Errorf("name %s", s.Name())
	}
	var names []string
	for _, f := range s.Fields() {
		names = append(names, f.Name)
	}
	got := strings.Join(names, " ")
	for _, r := range read(t, s, nil) {
		got += fmt.Sprintf("\n%d %v", r.Row, r.Values)
		if r.Geometry != nil {
			got += fmt.Sprint(" ", r.Geometry.FlatCoords())
		}
		for _, f := range r.Findings {
			got += fmt.Sprintf(" %s(%s) in %s", f.Kind, f.Field, f.File)
		}
	}
	want := "企业代码 企业名称 经度 纬度 日期 员工" +
		"\n4 [00123 示例企业一 113.134 27.827 2024-02-29 12] [113.134 27.827]" +
		"\n6 [00124 洣江示例 113.1345678901 27.83 <nil> 430202001001001] [113.1345678901 27.83]" +
		"\n7 [00125 示例企业三 <nil> <nil> 2024.3.1 1.5]" +
		"\n8 [<nil> 示例企业四 <nil> <nil> <nil> <nil>] rounded(企业代码) in enterprises.xls"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s, err = OpenXLS(path, source.Options{Layer: "说明"})
	if records := read(t, s, err); len(records) != 1 || records[0].Row != 2 {
		t.Errorf("%v", records)
	}
}

// TestDistrust gives GDAL files that are another thing than they are said to
// be, or that point elsewhere.
func TestDistrust(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	asked := make(chan struct{}, 1)
	go func() {
		if c, err := listener.Accept(); err == nil {
			_ = c.Close()
			asked <- struct{}{}
		}
	}()
	url := "http://" + listener.Addr().String() + "/x.csv"
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("a\nsecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	vrt := `<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>%s</SrcDataSource><SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>`
	cases := []struct {
		name, content string
		format        Format
	}{
		{"local.fgb", fmt.Sprintf(vrt, secret), FlatGeobuf},
		{"remote.dxf", fmt.Sprintf(vrt, "/vsicurl/"+url), DXF},
		{"remote.fgb", fmt.Sprintf(vrt, "/vsicurl/"+url), FlatGeobuf},
		{"a.dxf", "a,b\n1,2\n", DXF},
		{"cut.fgb", "fgb\x03fgb\x00\x00\x00\x00\x00", FlatGeobuf},
		{"huge.fgb", "fgb\x03fgb\x00\xff\xff\xff\x7fxxxxxxxxxxxxxxxx", FlatGeobuf},
		{"seamless.tab", "!table\n!version 1000\n\nDefinition Table\n  File \"" + secret + "\"\n  Type NATIVE Charset \"Neutral\"\n", MapInfo},
		{"view.tab", "!table\nopen table \"" + secret + "\" Hide\n", MapInfo},
		{"a.mif", "Version 300\nnonsense", MapInfo},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), c.name)
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(path, c.format, source.Options{})
			if err == nil {
				records, _ := sourcetest.All(t, s)
				t.Fatalf("opened: %v", records)
			}
			if !strings.HasPrefix(err.Error(), c.name) || strings.Contains(err.Error(), "unigrid-gdal") {
				t.Errorf("%v", err)
			}
			t.Log(err)
		})
	}
	t.Cleanup(func() {
		select {
		case <-asked:
			t.Error("something was fetched")
		case <-time.After(10 * time.Millisecond):
		}
	})
}

func TestWithoutGDAL(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Open("a.dxf", DXF, source.Options{})
	if err == nil || !strings.Contains(err.Error(), "gdal-bin") {
		t.Errorf("%v, want the package's name", err)
	}
}

// TestLimits runs programs that use too much.
func TestLimits(t *testing.T) {
	t.Parallel()
	g := gdal{folder: t.TempDir()}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := g.run(ctx, "sleep", "60"); err == nil || !strings.Contains(err.Error(), "30 minutes") {
		t.Errorf("%v", err)
	}
	out, err := g.run(context.Background(), "sh", "-c", "ulimit -t; ulimit -v; ulimit -f; ulimit -c; env")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out, fmt.Sprintf("%d\n%d\n%d\n0\n", cpuSeconds, memoryKB, outputBlock)) {
		t.Errorf("limits %.60s", out)
	}
	if strings.Contains(out, "UNIGRID") || !strings.Contains(out, "GDAL_SKIP=") {
		t.Errorf("environment %s", out)
	}
}

// MapInfo's own words for coordinate systems mean codes.
func TestSystemsOfMapInfo(t *testing.T) {
	t.Parallel()
	from := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(from, []byte("WKT,a\n\"POINT (38414681 3079571)\",1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for written, want := range map[int]int{4547: 4547, 4526: 4526, 4546: 4546, 4509: 4548, 32649: 32649, 3857: 3857, 4326: 4326, 4490: 4326, 2383: 0} {
		t.Run(fmt.Sprint(written), func(t *testing.T) {
			t.Parallel()
			path := sourcetest.Convert(t, "MapInfo File", filepath.Join(t.TempDir(), "a.mif"), from, "-dsco", "FORMAT=MIF", "-a_srs", fmt.Sprintf("EPSG:%d", written))
			s, err := Open(path, MapInfo, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if epsg, how := s.CRS(); epsg != want {
				t.Errorf("CRS %d (%s), want %d", epsg, how, want)
			}
		})
	}
}
