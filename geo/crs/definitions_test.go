package crs

import (
	"bufio"
	"compress/gzip"
	"os"
	"strings"
	"testing"
)

// TestEveryCodeOfOthers reads what GDAL 3.6 (gdalsrsinfo) and PostGIS 3.3
// (spatial_ref_sys) write for every code of the table, and the name in it
// alone. A PROJ string can't tell what has the same parameters apart.
func TestEveryCodeOfOthers(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/definitions.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]int{}
	seen := map[int]bool{}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := strings.SplitN(lines.Text(), "\t", 3)
		code, err := Identify("EPSG:" + parts[0])
		if err != nil {
			t.Fatal(err)
		}
		seen[code] = true
		judge := func(dialect, text string) {
			read[dialect]++
			got, err := Identify(text)
			if err == nil && got != code && strings.Contains(dialect, "proj4") {
				twin, ok := Twin(code)
				if ok && got == twin || code == 3824 && got == 4490 {
					return
				}
			}
			if err != nil || got != code {
				t.Errorf("%s of EPSG:%d: got %d, %v\n%s", dialect, code, got, err, text)
			}
		}
		judge(parts[1], parts[2])
		if root, err := parse(parts[2]); err == nil {
			judge(parts[1]+" name", root.name())
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for _, code := range codes() {
		if !seen[code] {
			t.Errorf("EPSG:%d is missing", code)
		}
	}
	t.Log(read)
	if len(read) != 12 || read["gdal_wkt_esri"] != len(codes()) || read["postgis_srtext"] != len(codes()) {
		t.Errorf("%d codes, read %v", len(codes()), read)
	}
}

// Names and dialects of programs of Chinese offices.
func TestDialects(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text string
		want int
	}{
		{"EPSG:4547", 4547},
		{"\uFEFFepsg:4526\r\n", 4526},
		{"urn:ogc:def:crs:EPSG::4490", 4490},
		{"http://www.opengis.net/def/crs/EPSG/0/32649", 32649},
		{"+init=epsg:2384 +type=crs", 2384},
		{"+proj=tmerc +lat_0=0 +lon_0=114 +k_0=1 +x_0=38500000 +y_0=0 +ellps=GRS80 +units=m", 4526},
		{"+proj=utm +zone=49 +datum=WGS84 +units=m +no_defs +type=crs", 32649},
		{"+proj=utm +zone=49 +south +ellps=WGS84", 32749},
		{"高斯大地坐标系_中国2000_38带3_北", 4526},
		{"高斯大地坐标系_西安80_19带6_北", 2333},
		{"高斯大地坐标系_北京54_38带3_北", 2414},
		{"China_2000_3_DEGREE_GK_38", 4526},
		{"CGCS_2000_3_DEGREE_GK_ZONE_38", 4526},
		{"CGCS2000 3度带 38带", 4526},
		{"CGCS2000 三度带 中央经线114", 4547},
		{"Xian_1980_3_Degree_GK_CM_114E", 2383},
		{"Beijing_1954_GK_Zone_19N", 21459},
		{"GCS_China_Geodetic_Coordinate_System_2000", 4490},
		{"地理坐标系_西安80", 4610},
		{"WGS 84 / UTM zone 50N", 32650},
		{"WGS_1984_Web_Mercator", 3857},
		{`PROJCS["Beijing_1954_GK_Zone_19N",GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",111.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`, 21459},
		{`LOCAL_CS["CGCS2000 / 3-degree Gauss-Kruger CM 114E",UNIT["metre",1]]`, 4547},
		{mustWKT(4547) + `,VERTCS["Yellow_Sea_1985",VDATUM["Yellow_Sea_1985"],PARAMETER["Vertical_Shift",0.0],PARAMETER["Direction",1.0],UNIT["Meter",1.0]]`, 4547},
		{`PROJCS["西安80",GEOGCS["西安80坐标系",DATUM["西安80",SPHEROID["IAG-75",6378140,298.257]],PRIMEM["Greenwich",0],UNIT["度",0.0174532925199433]],PROJECTION["高斯-克吕格"],PARAMETER["False_Easting",38500000],PARAMETER["False_Northing",0],PARAMETER["Central_Meridian",114],PARAMETER["Scale_Factor",1],PARAMETER["Latitude_Of_Origin",0],UNIT["米",1]]`, 2362},
	}
	for _, c := range cases {
		if got, err := Identify(c.text); err != nil || got != c.want {
			t.Errorf("%.60q: got %d, %v, want %d", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{
		"CGCS2000", "株洲独立坐标系", "高斯大地坐标系_中国2000_24带3_北", "CGCS2000_3_Degree_GK_Zone_19", "EPSG:12", "EPSG:999999",
		"New_Beijing_GK_Zone_19", "WGS_1984_UTM_Zone_61N", "+proj=tmerc +lon_0=113.5 +k=1 +x_0=500000 +ellps=GRS80",
		"+proj=tmerc +lon_0=x +ellps=GRS80", "+proj=lcc +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80", "+proj=", "+", "114",
	} {
		if got, err := Identify(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

// A city's own system is told from one that nobody knows, and says what to ask for.
func TestLocalSystems(t *testing.T) {
	t.Parallel()
	zhuzhou := mustWKT(4547)
	cases := []struct {
		name, text string
		local      bool
	}{
		{"meridian of the city", strings.Replace(zhuzhou, "114.0", "113.166666666667", 1), true},
		{"false easting of the city", strings.Replace(zhuzhou, "500000.0", "50000.0", 1), true},
		{"false northing", strings.Replace(zhuzhou, `"False_Northing",0.0`, `"False_Northing",-3000000.0`, 1), true},
		{"scale", strings.Replace(zhuzhou, `"Scale_Factor",1.0`, `"Scale_Factor",1.000012`, 1), true},
		{"zone of another meridian", strings.Replace(zhuzhou, "500000.0", "37500000.0", 1), true},
		{"PROJ string", "+proj=tmerc +lat_0=0 +lon_0=113.17 +k=1 +x_0=100000 +y_0=-3000000 +ellps=GRS80 +units=m", true},
		{"without parameters", `LOCAL_CS["株洲独立坐标系",UNIT["m",1]]`, true},
		{"another datum", strings.Replace(zhuzhou, "D_China_2000", "D_ETRS_1989", 1), false},
		{"feet", strings.Replace(zhuzhou, `UNIT["Meter",1.0]`, `UNIT["Foot",0.3048]`, 1), false},
	}
	for _, c := range cases {
		_, err := Identify(c.text)
		unknown, ok := err.(*UnknownError)
		if !ok || unknown.Local != c.local || c.local != strings.Contains(err.Error(), "survey office") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
