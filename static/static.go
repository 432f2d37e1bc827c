// Package static holds the map client (地图客户端): TypeScript in src/, built
// by build.mjs into dist/, and embedded here.
package static

import (
	"embed"
	"io/fs"
)

// The pattern matches dist, which exists once the client is built, and
// dist-missing, which is committed so that go build works before that.
//
//go:embed all:dist*
var files embed.FS

// FS returns the client: index.html, to be served for any request that wants
// HTML, and assets/, whose file names change with their content. Before the
// client is built it holds only an index.html that says so.
func FS() (fs.FS, error) {
	if _, err := fs.Stat(files, "dist/index.html"); err != nil {
		return fs.Sub(files, "dist-missing")
	}
	return fs.Sub(files, "dist")
}
