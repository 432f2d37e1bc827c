#!/bin/sh
# Makes the tables in made/ with ogr2ogr (gdal-bin 3.6.2 of Debian 12), each named
# for the encoding it is in and for what its .cpg or language byte says. Names
# are invented.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
printf '名称,地址\n示例镇人民政府,株洲市荷塘区示例路一号\n示例有限公司,天元区泰山路街道社区\n示例村民委员会,攸县网岭镇示例村\n' > "$work/simple.csv"
printf '名稱,地址\n宜蘭縣示範鄉公所,宜蘭縣示範鄉中山路一號\n示範實業有限公司,臺北市中正區重慶南路\n示範里辦公處,新竹縣竹北市\n' > "$work/traditional.csv"
printf 'name,town\nFrançois,Orléans\nJürgen Groß,Köln am Rhein\nSøren,Ærøskøbing\n' > "$work/western.csv"
make() { # name, source, encoding, what the .cpg says ("" for none)
	ogr2ogr -f "ESRI Shapefile" "made/$1.dbf" "$work/$2.csv" -oo AUTODETECT_TYPE=NO -lco ENCODING="$3" -lco RESIZE=YES -lco DBF_DATE_LAST_UPDATE=2024-01-01
	rm -f "made/$1.cpg"
	if [ -n "$4" ]; then printf %s "$4" > "made/$1.cpg"; fi
}
make gbk-cpg-says-utf8 simple CP936 UTF-8
make gbk-cpg-says-latin1 simple CP936 ISO-8859-1
make gbk-cpg-says-big5 simple CP936 BIG5
make gbk-cpg-is-right simple CP936 GBK
make utf8-cpg-says-gbk simple UTF-8 GBK
make utf8-cpg-says-latin1 simple UTF-8 88591
make utf8-without-cpg simple UTF-8 ""
make big5-cpg-says-gbk traditional BIG5 936
make big5-without-cpg traditional BIG5 ""
make big5-cpg-is-right traditional BIG5 BIG5
make latin1-cpg-says-gbk western ISO-8859-1 GBK
make latin1-cpg-is-right western ISO-8859-1 ISO-8859-1
# Language byte 0: nothing says what it is.
for name in big5-without-cpg utf8-without-cpg; do
	printf '\000' | dd of="made/$name.dbf" bs=1 seek=29 conv=notrunc 2>/dev/null
done
rm -r "$work"
