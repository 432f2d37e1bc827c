package crs

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// codes lists every EPSG code of the table.
func codes() []int {
	list := []int{4490, 4610, 4214, 4326, 3824, 3825, 3826, 3857}
	add := func(from, to int) {
		for c := from; c <= to; c++ {
			list = append(list, c)
		}
	}
	add(4491, 4554) // CGCS2000: four series without a gap
	add(2327, 2390) // Xian 1980
	add(2401, 2442) // Beijing 1954, 3 degrees
	add(21413, 21423)
	add(21453, 21463)
	add(32601, 32660)
	add(32701, 32760)
	return list
}

func TestEveryCodeSurvivesItsOwnWKT(t *testing.T) {
	t.Parallel()
	for _, code := range codes() {
		wkt, ok := WKT(code)
		if !ok {
			t.Errorf("WKT(%d): not in the table", code)
			continue
		}
		if got, err := Identify(wkt); err != nil || got != code {
			t.Errorf("Identify(WKT(%d)) = %d, %v", code, got, err)
		}
	}
	for _, code := range []int{0, -1, 2326, 2391, 2400, 2443, 4489, 4555, 32600, 32661, 32700, 32761} {
		if wkt, ok := WKT(code); ok {
			t.Errorf("WKT(%d) = %s, want none", code, wkt)
		}
	}
}

// TestAgainstGDAL has GDAL write a sample of the codes in four dialects and reads them.
func TestAgainstGDAL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("gdalsrsinfo"); err != nil {
		t.Skip("gdalsrsinfo is not on PATH")
	}
	for i, code := range codes() {
		important := code == 4547 || code == 4526 || code == 4490 || code == 3857 || code == 3826 || code == 32649
		if !important && i%23 != 0 {
			continue
		}
		t.Run(itoa(code), func(t *testing.T) {
			t.Parallel()
			for j, dialect := range []string{"wkt_esri", "wkt1", "wkt2_2018", "wkt2_2015"} {
				if important || i%4 == j {
					judge(t, code, dialect)
				}
			}
		})
	}
}

func judge(t *testing.T, code int, dialect string) {
	t.Helper()
	out, err := exec.Command("gdalsrsinfo", "--single-line", "-o", dialect, "EPSG:"+itoa(code)).Output()
	if err != nil {
		t.Errorf("gdalsrsinfo EPSG:%d: %v", code, err)
		return
	}
	if got, err := Identify(string(out)); err != nil || got != code {
		t.Errorf("%s of EPSG:%d: got %d, %v\n%s", dialect, code, got, err, out)
	}
	if dialect != "wkt_esri" {
		return
	}
	if ours, _ := WKT(code); ours != strings.TrimSpace(string(out)) {
		t.Errorf("EPSG:%d\n ours %s\n GDAL %s", code, ours, out)
	}
}

func TestNamesDoNotDecide(t *testing.T) {
	t.Parallel()
	zhuzhou, _ := WKT(4547)
	cases := []struct {
		name, wkt string
		want      int
	}{
		{"another name", strings.Replace(zhuzhou, "CGCS2000_3_Degree_GK_CM_114E", "株洲", 1), 4547},
		{"name of another zone", strings.Replace(zhuzhou, "CM_114E", "CM_111E", 1), 4547},
		{"transverse Mercator", strings.Replace(zhuzhou, "Gauss_Kruger", "Transverse_Mercator", 1), 4547},
		{"zone in the easting", strings.Replace(zhuzhou, "500000.0", "38500000.0", 1), 4526},
		{"datum unknown", strings.Replace(zhuzhou, "D_China_2000", "D_unknown", 1), 4547},
		{"flattening of WGS 84", strings.Replace(zhuzhou, "298.257222101", "298.257223563", 1), 4547},
		{"round brackets", strings.NewReplacer("[", "(", "]", ")").Replace(zhuzhou), 4547},
		{"byte order mark and blanks", "\uFEFF \n" + zhuzhou + "\r\n\x00", 4547},
		{"6 degrees by name", strings.Replace(mustWKT(4546), "_3_Degree", "", 1), 4508},
		{"EPSG outside the table", `PROJCS["CH1903+ / LV95",GEOGCS["CH1903+",DATUM["CH1903+",SPHEROID["Bessel 1841",6377397.155,299.1528128]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Hotine_Oblique_Mercator_Azimuth_Center"],UNIT["metre",1],AUTHORITY["EPSG","2056"]]`, 2056},
		{"height dropped", `COMPD_CS["x",` + zhuzhou + `,VERT_CS["h",VERT_DATUM["d",2005],UNIT["m",1]]]`, 4547},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, err := Identify(c.wkt); err != nil || got != c.want {
				t.Errorf("got %d, %v, want %d", got, err, c.want)
			}
		})
	}
}

func mustWKT(epsg int) string {
	wkt, _ := WKT(epsg)
	return wkt
}

func TestUnknownSaysWhatWasSeen(t *testing.T) {
	t.Parallel()
	zhuzhou := mustWKT(4547)
	cases := []struct{ name, wkt, want string }{
		{"meridian 113.5", strings.Replace(zhuzhou, "114.0", "113.5", 1), "centralmeridian 113.5"},
		{"feet", strings.Replace(zhuzhou, `UNIT["Meter",1.0]`, `UNIT["Foot",0.3048]`, 1), "unit 0.3048 m"},
		{"another datum", strings.Replace(zhuzhou, "D_China_2000", "D_ETRS_1989", 1), "D_ETRS_1989"},
		{"Pulkovo is not Beijing", strings.Replace(mustWKT(2436), "D_Beijing_1954", "D_Pulkovo_1942", 1), "D_Pulkovo_1942"},
		{"New Beijing is not Beijing", strings.Replace(mustWKT(2436), "D_Beijing_1954", "D_New_Beijing_1954", 1), "D_New_Beijing_1954"},
		{"GRS 80 alone", strings.NewReplacer("D_China_2000", "unknown", `"CGCS2000"`, `"GRS_1980"`).Replace(mustWKT(4490)), "several datums"},
		{"prime meridian", strings.Replace(zhuzhou, `PRIMEM["Greenwich",0.0]`, `PRIMEM["Paris",2.337]`, 1), "prime meridian 2.337"},
		{"local", `LOCAL_CS["独立坐标系",UNIT["m",1]]`, "独立坐标系"},
		{"authority contradicts", zhuzhou[:len(zhuzhou)-1] + `,AUTHORITY["EPSG","4526"]]`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Identify(c.wkt)
			if c.want == "" {
				if got != 4547 {
					t.Errorf("got %d, %v, want the parameters to win", got, err)
				}
				return
			}
			var unknown *UnknownError
			if !errors.As(err, &unknown) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %d, %v, want an UnknownError with %q", got, err, c.want)
			}
		})
	}
	for _, text := range []string{"", "   ", "fake[\"srs\"],text", "PROJCS", "PROJCS[", `GEOGCS["x`, "A[B[C]", strings.Repeat("A[", 1e4)} {
		if got, err := Identify(text); err == nil {
			t.Errorf("Identify(%.20q) = %d, want an error", text, got)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	for _, code := range []int{4490, 4547, 3857, 3826, 32649} {
		f.Add(mustWKT(code))
	}
	f.Add(`BOUNDCRS[SOURCECRS[GEODCRS["x",DATUM["d",ELLIPSOID["e",6378137,298.257222101]]]]]`)
	for _, text := range []string{"EPSG:4547", "+proj=tmerc +lon_0=114 +k=1 +x_0=500000 +ellps=GRS80", "高斯大地坐标系_中国2000_38带3_北", "WGS 84 / UTM zone 49N", `LOCAL_CS["x",UNIT["m",1]]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := Identify(text)
		if err == nil && code <= 0 {
			t.Errorf("code %d without an error", code)
		}
	})
}
