package formats

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"unigrid/importers/charset"
	"unigrid/importers/source"
)

const (
	mostUnpacked = 8 << 30 // bytes of one layer
	mostEntries  = 100_000
)

// ManyLayersError says that an archive holds several layers and none was named.
type ManyLayersError struct {
	File   string
	Layers []string // as Options.Layer takes them
}

// Error lists the layers.
func (e *ManyLayersError) Error() string {
	return fmt.Sprintf("%s holds %d layers; name one of them: %s", e.File, len(e.Layers), strings.Join(e.Layers, ", "))
}

// isWorkbook says whether a .zip is an .xlsx, whatever its name.
func isWorkbook(path string) bool {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return false
	}
	defer archive.Close()
	for _, f := range archive.File {
		if f.Name == "xl/workbook.xml" {
			return true
		}
	}
	return false
}

// Layers lists the layers of an archive, sorted by name; for any other file,
// none.
func Layers(path string) ([]string, error) {
	head, err := beginning(path)
	if err != nil || !isZip(head) || isWorkbook(path) {
		return nil, err
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer archive.Close()
	layers, err := layersOf(&archive.Reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return namesOf(layers), nil
}

// layer is a file of an archive that can be opened, with its companions.
type layer struct {
	main  string
	files map[string]*zip.File // by extension in lower case
}

func layersOf(archive *zip.Reader) (map[string]layer, error) {
	if len(archive.File) > mostEntries {
		return nil, fmt.Errorf("%d files in one archive are too many", len(archive.File))
	}
	byBase := map[string]map[string]*zip.File{}
	for _, f := range archive.File {
		name := decodedName(f)
		base := path.Base(name)
		if f.FileInfo().IsDir() || strings.HasPrefix(base, ".") || strings.Contains(name, "__MACOSX/") {
			continue
		}
		extension := path.Ext(name)
		key := strings.TrimSuffix(name, extension)
		if byBase[key] == nil {
			byBase[key] = map[string]*zip.File{}
		}
		byBase[key][strings.ToLower(extension)] = f
	}
	layers := map[string]layer{}
	for key, files := range byBase {
		for _, main := range []string{".shp", ".geojson", ".json", ".csv", ".xlsx"} {
			if files[main] == nil {
				continue
			}
			name := key
			if _, taken := layers[name]; taken {
				name = key + main
			}
			layers[name] = layer{main, files}
		}
	}
	return layers, nil
}

func namesOf(layers map[string]layer) []string {
	names := make([]string, 0, len(layers))
	for name := range layers {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// decodedName is an entry's name: UTF-8 where the archive says so or the bytes
// are, else GBK, as Chinese Windows packs.
func decodedName(f *zip.File) string {
	name := strings.ReplaceAll(f.Name, `\`, "/")
	var g charset.Guess
	g.Value([]byte(name), false)
	text, _ := g.Choice().Decode([]byte(name))
	return text
}

// openArchive unpacks one layer into a temporary folder, which lasts until the
// source is closed, and opens it.
func openArchive(file string, options source.Options) (source.Source, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	defer archive.Close()
	layers, err := layersOf(&archive.Reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	chosen, name, err := chooseLayer(filepath.Base(file), layers, options.Layer)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "unigrid-import-")
	if err != nil {
		return nil, err
	}
	base := safeBase(path.Base(name))
	inner, err := func() (source.Source, error) {
		for extension, f := range chosen.files {
			if chosen.main != ".shp" && extension != chosen.main {
				continue
			}
			if err := unpack(f, filepath.Join(folder, base+safeExtension(extension))); err != nil {
				return nil, err
			}
		}
		options.Layer = ""
		return Open(filepath.Join(folder, base+chosen.main), options)
	}()
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", filepath.Base(file), name, errors.Join(err, os.RemoveAll(folder)))
	}
	return &unpacked{inner, folder}, nil
}

func chooseLayer(file string, layers map[string]layer, wanted string) (layer, string, error) {
	names := namesOf(layers)
	switch {
	case len(names) == 0:
		return layer{}, "", fmt.Errorf("%s holds no .shp, .geojson, .csv or .xlsx", file)
	case wanted == "" && len(names) == 1:
		return layers[names[0]], names[0], nil
	case wanted == "":
		return layer{}, "", &ManyLayersError{file, names}
	}
	for _, name := range names {
		if name == wanted || path.Base(name) == wanted {
			return layers[name], name, nil
		}
	}
	return layer{}, "", fmt.Errorf("%s holds no layer %q; it holds %s", file, wanted, strings.Join(names, ", "))
}

// safeBase keeps a hostile entry name out of the file system, and an ordinary
// one for the findings to name.
func safeBase(name string) string {
	const most = 120
	if name == "." || name == ".." || name == "" || len(name) > most || strings.ContainsFunc(name, func(r rune) bool {
		return r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r)
	}) {
		return "layer"
	}
	return name
}

// safeExtension keeps a hostile entry name out of the file system.
func safeExtension(extension string) string {
	switch extension {
	case ".shp", ".shx", ".dbf", ".prj", ".cpg", ".geojson", ".json", ".csv", ".xlsx":
		return extension
	}
	return "." + strconv.Itoa(len(extension)) + ".other"
}

func unpack(f *zip.File, to string) error {
	if strings.HasSuffix(to, ".other") {
		return nil
	}
	if f.Flags&1 != 0 {
		return fmt.Errorf("%s is encrypted; pack the files without a password", decodedName(f))
	}
	if f.UncompressedSize64 > mostUnpacked {
		return fmt.Errorf("%s unpacks to more than %d GB", decodedName(f), mostUnpacked>>30)
	}
	from, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", decodedName(f), err)
	}
	defer from.Close()
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	n, err := io.Copy(file, io.LimitReader(from, int64(f.UncompressedSize64)+1))
	if err == nil && uint64(n) > f.UncompressedSize64 {
		err = errors.New("it unpacks to more than it says")
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("unpack %s: %w", decodedName(f), err)
	}
	return nil
}

// unpacked is a source whose files are temporary.
type unpacked struct {
	source.Source
	folder string
}

// Close removes the temporary files, too.
func (u *unpacked) Close() error {
	return errors.Join(u.Source.Close(), os.RemoveAll(u.folder))
}
