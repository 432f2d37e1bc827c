# Writes enterprises.xls, a workbook of Excel 97-2003 (Debian: python3-xlwt).
import datetime
import xlwt

book = xlwt.Workbook(encoding="utf-8")
sheet = book.add_sheet("企业名单")
sheet.write_merge(0, 0, 0, 5, "株洲市重点企业名单")
# Row 2 is empty.
for column, heading in enumerate(["企业代码", "企业名称", "经度", "纬度", "日期", "员工"]):
    sheet.write(2, column, heading)
day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
for row, values in {
    3: ["00123", "示例企业一", 113.134, 27.827, datetime.date(2024, 2, 29), 12],
    # Row 5 is empty.
    5: ["00124", "洣江示例", 113.1345678901, 27.83, None, 430202001001001],
    6: ["00125", "示例企业三", None, None, "2024.3.1", 1.5],
    # A number of 18 digits, of which Excel keeps 15.
    7: [430202199001011234, "示例企业四"],
}.items():
    for column, value in enumerate(values):
        if value is not None:
            sheet.write(row, column, value, day) if isinstance(value, datetime.date) else sheet.write(row, column, value)
other = book.add_sheet("说明")
other.write(0, 0, "项目")
other.write(0, 1, "内容")
other.write(1, 0, "单位")
other.write(1, 1, "株洲市")
book.save("enterprises.xls")
