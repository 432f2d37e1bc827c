package formats

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"unigrid/grids"
	"unigrid/importers/source/scratch"
)

// What one item of an archive may come to. Deflate shrinks nothing to less
// than a thousandth, and no real layer beyond the second limit to a
// five-hundredth.
const (
	mostUnpacked   = 8 << 30
	suspiciousSize = 512 << 20
	mostRatio      = 500
)

func tooMuch(zh, en string, args ...any) *grids.Error {
	return grids.Errorf(grids.TooMuch, "file", zh, en, args...)
}

// unpack unpacks the files of an item into a new temporary folder, which the
// caller removes, under names that are made here and lead nowhere else.
func unpack(archive string, o item) (folder *scratch.Folder, main string, err error) {
	if err := bearable(archive, o); err != nil {
		return nil, "", err
	}
	if folder, err = scratch.New(); err != nil {
		return nil, "", err
	}
	base := safeBase(path.Base(o.name))
	if o.main != ".gdb" {
		base = safeBase(strings.TrimSuffix(path.Base(o.name), o.main))
	}
	main = filepath.Join(folder.Path, base+o.main)
	err = func() error {
		if o.main == ".gdb" {
			if err := os.Mkdir(main, 0o700); err != nil {
				return err
			}
		}
		for key, e := range o.files {
			to := filepath.Join(folder.Path, base+key)
			if o.main == ".gdb" {
				if !plainName.MatchString(key) {
					continue // none of a geodatabase's own
				}
				to = filepath.Join(main, strings.ToLower(key))
			}
			if err := unpackFile(e, to); err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		return nil, "", errors.Join(err, folder.Remove())
	}
	return folder, main, nil
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}$`)

// bearable refuses what is locked, or would unpack to too much.
func bearable(archive string, o item) error {
	var packed, size uint64
	for _, e := range o.files {
		const encrypted = 1
		if e.packed.Flags&encrypted != 0 {
			return invalid("%s 中的 %s 设有密码", "%s: %s is encrypted", archive, e.name).
				Fix("请不设密码重新打包", "pack the files without a password")
		}
		if m := e.packed.Method; m != zip.Store && m != zip.Deflate {
			return invalid("%s 中 %s 的压缩方式（%d）无法读取", "%s: %s is packed in a way (%d) that is not read", archive, e.name, m).
				Fix("请用普通 ZIP 方式重新打包", "pack the files anew as an ordinary .zip")
		}
		packed += e.packed.CompressedSize64
		if size += e.packed.UncompressedSize64; size > mostUnpacked || e.packed.UncompressedSize64 > mostUnpacked {
			return tooMuch("%s 解压后超过 %d GB", "%s unpacks to more than %d GB", archive, mostUnpacked>>30).
				Fix("请拆分后分别导入", "split it and import the parts")
		}
	}
	if size > suspiciousSize && size/mostRatio > packed {
		return tooMuch("%s 的压缩比异常（%d 倍），疑为压缩炸弹", "%s unpacks to %d times its size, as only an archive made to do harm does", archive, size/max(packed, 1)).
			Fix("请不压缩，直接上传其中的文件", "send the files themselves, not packed")
	}
	return nil
}

// unpackFile unpacks one file, as much as its entry says and no more.
func unpackFile(e entry, to string) error {
	from, err := e.packed.Open()
	if err != nil {
		return invalid("%s 无法解压：%v", "%s can't be unpacked: %v", e.name, err)
	}
	defer from.Close()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	size := int64(e.packed.UncompressedSize64)
	n, err := io.Copy(file, io.LimitReader(from, size+1))
	if err == nil && n > size {
		err = errors.New("it unpacks to more than it says")
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return invalid("%s 解压出错，压缩包可能已损坏：%v", "%s can't be unpacked, the archive is damaged: %v", e.name, err)
	}
	return nil
}

// safeBase keeps a hostile entry name out of the file system, and an ordinary
// one for the findings to name.
func safeBase(name string) string {
	const most = 120
	if strings.Trim(name, ". ") == "" || len(name) > most || strings.ContainsFunc(name, func(r rune) bool {
		return r < ' ' || r == '\uFFFD' || strings.ContainsRune(`/\:*?"<>|`, r)
	}) {
		return "layer"
	}
	return name
}
