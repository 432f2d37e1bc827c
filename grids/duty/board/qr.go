package board

import (
	"fmt"
	"html/template"
	"strings"

	qrcode "github.com/piglig/go-qr"
)

// quiet is the white border that readers need, in modules.
const quiet = 4

// qr draws an address as a QR code that a worn board still gives away (a quarter
// of it may be lost).
func qr(address string) (template.HTML, error) {
	code, err := qrcode.EncodeText(address, qrcode.Quartile)
	if err != nil {
		return "", err
	}
	size := code.Size()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			if !code.Module(x, y) {
				continue
			}
			run := x
			for run < size && code.Module(run, y) {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run-x, run-x)
			x = run
		}
	}
	return template.HTML(fmt.Sprintf(
		`<svg class="qr" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges" role="img" aria-label="QR"><rect width="%[1]d" height="%[1]d" fill="#fff"/><path d="%[2]s"/></svg>`,
		size+2*quiet, path.String())), nil
}
