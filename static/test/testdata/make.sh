#!/bin/sh
# Makes the files of the browser tests with GDAL 3.6 and Info-ZIP: a shapefile
# in GBK and CGCS2000 / 3-degree Gauss-Kruger CM 114E without .prj and .cpg,
# whose headings and one check digit are wrong, and a workbook of firms of
# villages whose names there are several of. Firms, numbers and people are invented.
set -e
cd "$(dirname "$0")"
dir=$(mktemp -d)
ogr2ogr -q -f "ESRI Shapefile" -oo GEOM_POSSIBLE_NAMES=WKT -oo KEEP_GEOM_COLUMNS=NO -s_srs EPSG:4490 -t_srs EPSG:4547 -lco ENCODING=GBK "$dir/示例污染源.shp" firms.csv
rm -f "$dir"/*.prj "$dir"/*.cpg
rm -f 示例污染源.zip
(cd "$dir" && TZ=UTC touch -d 2026-11-24T00:00:00Z ./* && zip -q -X -o out.zip 示例污染源.*)
mv "$dir/out.zip" 示例污染源.zip
rm -f 示例无坐标企业.xlsx
ogr2ogr -q -f XLSX 示例无坐标企业.xlsx villages.csv -nln 企业
rm -r "$dir"
