#!/usr/bin/python3
"""Makes the workbooks in made/, each named for what is odd about it, with the
writers of other people: python3-openpyxl 3.0.9, python3-xlsxwriter 3.0.2 and
gdal-bin 3.6.2 of Debian 12. Names and numbers are invented.

    apt-get install python3-openpyxl python3-xlsxwriter gdal-bin
    cd importers/table/testdata && /usr/bin/python3 make.py
"""
import datetime, io, re, subprocess, zipfile
import openpyxl, xlsxwriter

day = datetime.date(2024, 3, 1)


def book(name, *rows, merge=(), prepare=None):
    b = openpyxl.Workbook()
    b.properties.created = b.properties.modified = datetime.datetime(2024, 1, 1)
    s = b.active
    s.title = "Sheet1"
    for r in rows:
        s.append(r)
    for m in merge:
        s.merge_cells(m)
    if prepare:
        prepare(b, s)
    b.save("made/" + name)


book("merged-townships-and-totals.xlsx",
     ["示例区村级网格表"], ["填报单位：示例单位", None, None, None, "2024年3月"],
     ["序号", "乡镇", "村名", "负责人", None], [None, None, None, "姓名", "电话"],
     [1, "示例镇", "甲村", "示例人员 0001", "13800000001"], [2, None, "乙村", "示例人员 0002", "13800000002"],
     [3, None, "丙村", None, None], ["小计", None, 3, None, None],
     [4, "另一镇", "丁村", "示例人员 0003", 13800000003], ["合 计", None, 4],
     [None], ["备注：以上为示例数据"], ["2.电话以本年为准"], ["填表人：示例人员 0001", None, "审核人：示例人员 0002"],
     merge=["A1:E1", "A2:D2", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "B5:B7", "A12:E12"])

book("three-row-heading.xlsx",
     ["单位", "责任人", None, None, None, "备注"], [None, "党组", None, "行政", None, None], [None, "姓名", "电话", "姓名", "电话", None],
     ["示例镇", "甲", "1", "乙", "2", None], ["另一镇", "丙", "3", "丁", "4", "无"],
     merge=["A1:A3", "F1:F3", "B1:E1", "B2:C2", "D2:E2"])

book("blanks-not-merged.xlsx", ["乡镇", "村名", "代码"], ["示例镇", "甲村", "430202001001"], [None, "乙村", "430202001002"], [None, "丙村", "430202001003"],
     ["另一镇", "丁村", "430202002001"], [None, "戊村", "430202002002"], [None, "己村", "430202002003"])

book("codes-and-identity-numbers.xlsx", ["代码", "身份证号", "手机"],
     ["430202001001", 430202199001011234, "１３８００００００１１"], [430202001002, "430202199001011000", 13800000012],
     ["4.30202E+11", "11010519491231002X", "4.30202001003E+11"], [4.30202001004E+11, None, None])

book("dates-of-all-kinds.xlsx", ["名称", "投产日期", "更新", "面积"], ["甲", "2024.3.1", day, 45352], ["乙", "2024/3/1", day, 3],
     ["丙", "2024年3月1日", 45352, 4], ["丁", 45352, day, 5], ["戊", 20240301, day, 6], ["己", "不详", None, 7], ["庚", datetime.datetime(2024, 3, 1, 8, 30), day, 1])

book("yes-and-no.xlsx", ["名称", "是否在产", "备案"], ["甲", "是", "√"], ["乙", "否", None], ["丙", True, "×"])


def hide(b, s):
    s.row_dimensions[3].hidden = True
    s.column_dimensions["C"].hidden = True
    s.auto_filter.ref = "A1:C4"
    s.auto_filter.add_filter_column(0, ["甲", "丙"])
    b.create_sheet("空表")
    other = b.create_sheet("代码表")
    other.append(["a", "b"])
    other.append([1, 2])
    other.sheet_state = "hidden"
    third = b.create_sheet("二月")
    third.append(["名称", "数"])
    third.append(["甲", 1])
    b.move_sheet("空表", -1)


book("hidden-and-filtered.xlsx", ["名称", "数", "备注"], ["甲", 1, "x"], ["乙", 2, "y"], ["丙", 3, "z"], prepare=hide)
book("two-tables.xlsx", ["企业名称", "联系人"], ["示例企业 0001 号", "甲"], ["示例企业 0002 号", "乙"], [None], ["二、网格员"], ["姓名", "联系电话"], ["丙", "13800000001"], ["丁", "13800000002"])
book("heading-on-each-page.xlsx", ["序号", "名称", "电话"], [1, "甲", "1"], [2, "乙", "2"], ["序号", "名称", "电话"], [3, "丙", "3"])
book("form-with-numbered-columns.xlsx", ["名称", "代码", "数"], ["甲", "乙", 1], ["示例企业 0001 号", "a1", 3])
book("formulas-never-calculated.xlsx", ["名称", "数", "倍"], ["甲", 2, "=B2*2"], ["乙", 3, "=B3*2"])
book("template-of-others.xlsx", ["*姓　名", "联系\n电话", "身份证号（必填）"], ["甲", "1", "x"])


def aside(b, s):
    for i, r in enumerate([["名称", "数"], ["甲", 1], [None, None], ["乙", 2]]):
        for j, v in enumerate(r):
            s.cell(7 + i, 4 + j, v)


book("empty-around.xlsx", prepare=aside)

# xlsxwriter: errors, cached formulas, 1904, wide and long formatting
w = xlsxwriter.Workbook("made/errors-and-formulas.xlsx", {"date_1904": True})
w.set_properties({"created": datetime.datetime(2024, 1, 1)})
s = w.add_worksheet("数据")
s.write_row(0, 0, ["名称", "日期", "数", "和"])
s.write_row(1, 0, ["甲"])
s.write_datetime(1, 1, datetime.datetime(2024, 3, 1), w.add_format({"num_format": "yyyy\"年\"m\"月\"d\"日\""}))
s.write_number(1, 2, 7, w.add_format({"num_format": "00000"}))
s.write_formula(1, 3, "=C2+1", None, 8)
s.write_row(2, 0, ["乙"])
s.write_formula(2, 2, "=#REF!", None, "#REF!")
s.write_formula(2, 3, "=\"a\"", None, "a")
w.close()

w = xlsxwriter.Workbook("made/wide-and-long-formats.xlsx")
w.set_properties({"created": datetime.datetime(2024, 1, 1)})
s = w.add_worksheet()
grey = w.add_format({"bg_color": "#DDDDDD"})
s.set_column(0, 16383, 9, grey)
for c in range(16384):
    s.write_blank(0, c, None, grey)
s.write_row(0, 0, ["名称", "数"])
for r in range(1, 2000):
    s.write_blank(r, 0, None, grey)
    s.write_blank(r, 16383, None, grey)
s.write_row(1500, 0, ["甲", 1])
w.close()


# What WPS and strict OOXML do, made from a plain workbook by changing its XML.
def rewrite(source, target, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for n in sorted(old.namelist()):
            text = old.read(n)
            if n.endswith((".xml", ".rels")):
                text = change(n, text.decode()).encode()
            new.writestr(zipfile.ZipInfo(n, (2024, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)


def strict(name, text):
    text = text.replace("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships")
    text = text.replace("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
    text = text.replace("<workbook ", "<workbook conformance=\"strict\" ")
    return re.sub(r'<c r="B2"([^>]*)><v>[^<]*</v>', r'<c r="B2"\1 t="d"><v>2024-03-01</v>', text.replace(' t="n"', "")) if "sheet1" in name else text


def wps(name, text):
    if "worksheets/sheet" not in name:
        return text
    text = re.sub(r"<dimension[^>]*/>", "", text)
    text = re.sub(r'<row r="\d+"[^>]*>', "<row>", text)
    return re.sub(r'<c r="[A-Z]+\d+"', "<c", text).replace(' t="n"', "")


plain = openpyxl.Workbook()
plain.active.append(["名称", "日期"])
plain.active.append(["甲", day])
plain.save("/tmp/plain.xlsx")
rewrite("/tmp/plain.xlsx", "made/strict.xlsx", strict)

w = xlsxwriter.Workbook("/tmp/inline.xlsx", {"constant_memory": True})  # inline strings
s = w.add_worksheet()
s.write_row(0, 0, ["名称", "数"])
s.write_row(1, 0, ["甲", 1])
s.write_row(2, 0, ["乙", 2])
w.close()
rewrite("/tmp/inline.xlsx", "made/inline-texts-without-references.xlsx", wps)

with open("/tmp/points.csv", "w") as f:
    f.write("名称,经度,纬度,代码\n甲,113.134,27.827,430202001001\n乙,113.135,27.828,430202001002\n")
subprocess.run(["ogr2ogr", "-f", "XLSX", "made/by-ogr2ogr.xlsx", "/tmp/points.csv", "-oo", "AUTODETECT_TYPE=NO"], check=True)
