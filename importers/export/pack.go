package export

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
)

// Pack packs files of a folder into a .zip.
func Pack(to io.Writer, folder string, names []string) error {
	out := zip.NewWriter(to)
	for _, name := range names {
		if err := pack(out, folder, name); err != nil {
			return err
		}
	}
	return out.Close()
}

func pack(out *zip.Writer, folder, name string) error {
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	entry, err := out.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: info.ModTime()})
	if err != nil {
		return err
	}
	_, err = io.Copy(entry, file)
	return err
}
