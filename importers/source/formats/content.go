package formats

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// isWorkbook says whether a .zip is an .xlsx, whatever its name.
func isWorkbook(path string) bool {
	return zipHas(path, "xl/workbook.xml", "/xl/workbook.xml", `xl\workbook.xml`)
}

func zipHas(path string, names ...string) bool {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return false
	}
	defer archive.Close()
	for _, f := range archive.File {
		for _, name := range names {
			if strings.EqualFold(f.Name, name) {
				return true
			}
		}
	}
	return false
}

func recogniseZip(path, extension string) (string, error) {
	name := filepath.Base(path)
	switch {
	case isWorkbook(path):
		return "xlsx", nil
	case extension == ".zip":
		return "zip", nil
	case extension == ".kmz":
		return "kmz", nil
	case zipHas(path, "xl/workbook.bin"):
		return "", advise(invalid("%s 是二进制工作簿（.xlsb）", "%s is a binary workbook (.xlsb)", name), saveAs.workbook)
	case zipHas(path, "word/document.xml"):
		return "", advise(invalid("%s 是 Word 文档", "%s is a Word document", name), saveAs.word)
	case extension == ".xlsx" || extension == ".xlsm" || extension == ".xls":
		return "", advise(invalid("%s 不是工作簿，其内容是其他压缩包，或已损坏", "%s is not a workbook: its content is another archive, or damaged", name), saveAs.workbook)
	}
	return "", invalid("%s 实为 ZIP 压缩包，与扩展名不符", "%s is a ZIP archive, not what its name says", name).
		Fix("请将扩展名改为 .zip，或先解压", "rename it to .zip, or unpack it first")
}

var oleMagic = []byte("\xD0\xCF\x11\xE0")

// recogniseOLE tells apart what Office of 1997 wrote, by the names of the
// streams within: they stand in entries of 128 bytes.
func recogniseOLE(path string) (string, error) {
	name := filepath.Base(path)
	streams, err := oleStreams(path)
	if err != nil {
		return "", err
	}
	switch {
	case streams["EncryptedPackage"]:
		return "", invalid("%s 设有密码", "%s is protected by a password", name).
			Fix("请在 Excel 或 WPS 中取消密码，另存为 .xlsx", "remove the password in Excel or WPS and save it as .xlsx")
	case streams["Workbook"] || streams["Book"]:
		return "xls", nil
	case streams["WordDocument"]:
		return "", advise(invalid("%s 是 Word 文档", "%s is a Word document", name), saveAs.word)
	}
	return "", advise(invalid("%s 是旧版 Office 文件，但其中没有可读的工作簿：可能设有密码，或已损坏", "%s is an old Office file without a workbook that can be read: it has a password or is damaged", name), saveAs.workbook)
}

// oleStreams are the names of a compound file's streams.
func oleStreams(path string) (map[string]bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	const (
		most  = 256 << 20
		entry = 128
		chars = 64 // bytes of the name, then its length
	)
	wanted := []string{"EncryptedPackage", "Workbook", "Book", "WordDocument"}
	found := map[string]bool{}
	from := io.LimitReader(file, most)
	buffer := make([]byte, 1<<20)
	for {
		n, err := io.ReadFull(from, buffer)
		for at := 0; at+entry <= n; at += entry {
			for _, name := range wanted {
				if isEntry(buffer[at:at+entry], name, chars) {
					found[name] = true
				}
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return found, nil
		default:
			return nil, err
		}
	}
}

func isEntry(raw []byte, name string, chars int) bool {
	if raw[0] != name[0] || int(binary.LittleEndian.Uint16(raw[chars:])) != 2*(len(name)+1) {
		return false
	}
	for i, c := range utf16.Encode([]rune(name)) {
		if binary.LittleEndian.Uint16(raw[2*i:]) != c {
			return false
		}
	}
	return true
}

// isMarkup says whether a text begins like HTML, XML or a web page in one file.
func isMarkup(head []byte) bool {
	text := plain(head)
	return bytes.HasPrefix(text, []byte("<")) || bytes.HasPrefix(text, []byte("mime-version:"))
}

// plain is a text's beginning in lower case, UTF-16 and marks taken off.
func plain(head []byte) []byte {
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		head = bytes.ReplaceAll(head[2:], []byte{0}, nil)
	}
	return bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\uFEFF"))))
}

// recogniseMarkup knows KML, and refuses the web pages that many systems
// export under the name of a workbook.
func recogniseMarkup(name, extension string, head []byte) (string, error) {
	text := plain(head)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if bytes.Contains(text, []byte(p)) {
				return true
			}
		}
		return false
	}
	switch {
	case has("<kml", "opengis.net/kml", "earth.google.com/kml"):
		return "kml", nil
	case has("urn:schemas-microsoft-com:office:spreadsheet"):
		return "", advise(invalid("%s 实为 XML 表格 2003，与扩展名不符", "%s is an XML spreadsheet of 2003, not what its name says", name), saveAs.workbook)
	case has("<html", "<!doctype html", "<table", "<meta ", "<style", "mime-version:"):
		return "", advise(invalid("%s 实为网页（HTML），与扩展名不符", "%s is a web page (HTML), not what its name says", name), saveAs.workbook)
	case has("opengis.net/gml", "opengis.net/wfs", "<gml:"):
		return "", advise(invalid("%s 是 GML，无法读取", "%s is GML, which is not read", name), saveAs.layer)
	case extension == ".kml":
		return "kml", nil // its reader says what is wrong
	}
	return "", advise(invalid("%s 是其他 XML 文件，无法读取", "%s is XML of another kind, which is not read", name), saveAs.layer)
}
