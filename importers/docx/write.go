package docx

import (
	"archive/zip"
	"embed"
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

//go:embed parts/*.xml
var parts embed.FS

// fixed are the parts that are the same in every document, by their place in
// the package. Word wants the list of types first.
var fixed = []struct{ place, file string }{
	{"[Content_Types].xml", "content_types.xml"},
	{"_rels/.rels", "package_rels.xml"},
	{"word/_rels/document.xml.rels", "document_rels.xml"},
	{"word/styles.xml", "styles.xml"},
	{"word/settings.xml", "settings.xml"},
	{"word/fontTable.xml", "font_table.xml"},
	{"word/footer_odd.xml", "footer_odd.xml"},
	{"word/footer_even.xml", "footer_even.xml"},
}

// Write writes the document. It can be written more than once.
func (d *Document) Write(w io.Writer) error {
	z := zip.NewWriter(w)
	put := func(place string, content []byte) error {
		part, err := z.CreateHeader(&zip.FileHeader{Name: place, Method: zip.Deflate, Modified: d.Created})
		if err != nil {
			return err
		}
		_, err = part.Write(content)
		return err
	}
	for _, f := range fixed {
		content, err := parts.ReadFile("parts/" + f.file)
		if err != nil {
			return err
		}
		if err := put(f.place, content); err != nil {
			return err
		}
	}
	properties, err := d.properties()
	if err != nil {
		return err
	}
	if err := put("docProps/core.xml", properties); err != nil {
		return err
	}
	if err := put("word/document.xml", d.document()); err != nil {
		return err
	}
	return z.Close()
}

// document is the main part: title, body and the last section's page.
func (d *Document) document() []byte {
	var whole body
	whole.xml.WriteString(xml.Header + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>` + "\n")
	if d.Title != "" {
		whole.paragraph("Title", d.Title)
	}
	if d.Subtitle != "" {
		whole.paragraph("Subtitle", d.Subtitle)
	}
	whole.xml.Write(d.body.xml.Bytes())
	whole.xml.WriteString(section(d.landscape) + "</w:body></w:document>\n")
	return whole.xml.Bytes()
}

// coreProperties is what file managers show.
type coreProperties struct {
	XMLName  xml.Name `xml:"cp:coreProperties"`
	CP       string   `xml:"xmlns:cp,attr"`
	DC       string   `xml:"xmlns:dc,attr"`
	Terms    string   `xml:"xmlns:dcterms,attr"`
	XSI      string   `xml:"xmlns:xsi,attr"`
	Title    string   `xml:"dc:title"`
	Creator  string   `xml:"dc:creator"`
	Created  instant  `xml:"dcterms:created"`
	Modified instant  `xml:"dcterms:modified"`
}

type instant struct {
	Type string `xml:"xsi:type,attr"`
	At   string `xml:",chardata"`
}

func (d *Document) properties() ([]byte, error) {
	at := instant{"dcterms:W3CDTF", d.Created.UTC().Format(time.RFC3339)}
	text, err := xml.Marshal(coreProperties{
		CP:  "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
		DC:  "http://purl.org/dc/elements/1.1/",
		XSI: "http://www.w3.org/2001/XMLSchema-instance", Terms: "http://purl.org/dc/terms/",
		Title: d.Title, Creator: d.Author, Created: at, Modified: at,
	})
	if err != nil {
		return nil, fmt.Errorf("properties of the document: %w", err)
	}
	return append([]byte(xml.Header), text...), nil
}
