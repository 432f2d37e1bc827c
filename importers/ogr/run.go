package ogr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"unigrid/grids"
	"unigrid/importers/source"
)

// What one conversion may use. A file that needs more is refused with words.
const (
	longest     = 30 * time.Minute
	cpuSeconds  = 1200
	memoryKB    = 4 << 20
	outputBlock = 32 << 20 // of 512 bytes
)

// errMissing says what to install.
func errMissing(cause error) error {
	e := grids.Errorf(grids.Unavailable, "file", "读取这种格式需要 GDAL 的 ogr2ogr，而本机没有安装", "this format is read by GDAL's ogr2ogr, which is not installed here").
		Fix("请管理员安装 Debian 软件包 gdal-bin（apt-get install gdal-bin），或将数据另存为 GeoPackage、shapefile 或 .xlsx", "have the Debian package gdal-bin installed (apt-get install gdal-bin), or save the data as GeoPackage, shapefile or .xlsx")
	e.Cause = cause
	return e
}

// gdal runs programs of GDAL on files that nobody vouches for: only the
// drivers kept may open anything, nothing is fetched from anywhere, nothing of
// the caller's environment is passed on, and processor, memory, output and
// time are limited.
type gdal struct {
	folder string // for everything temporary
	from   string // where the file lies
	keep   []string
}

// run runs a program to its end and returns what it printed.
func (g gdal) run(ctx context.Context, program string, args ...string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", errMissing(err)
	}
	// The shell only sets the limits and then becomes the program.
	limits := fmt.Sprintf(`ulimit -c 0; ulimit -t %d; ulimit -v %d; ulimit -f %d; exec "$@"`, cpuSeconds, memoryKB, outputBlock)
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", limits, "sh", path}, args...)...)
	cmd.Dir = g.folder
	skip, err := g.skip(ctx)
	if err != nil {
		return "", err
	}
	cmd.Env = append(environment(g.folder), "GDAL_SKIP="+skip)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = 5 * time.Second
	var out, problems limited
	cmd.Stdout, cmd.Stderr = &out, &problems
	// The kernel takes the end of the thread that forked for the end of its process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		return "", g.explain(ctx, err, problems.String())
	}
	return out.String(), nil
}

// environment is what GDAL sees of the world: no proxy that works, no
// credentials, no settings of a home folder.
func environment(folder string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + folder, "CPL_TMPDIR=" + folder, "LC_ALL=C.UTF-8",
		"CPL_VSIL_CURL_ALLOWED_EXTENSIONS={none}", "GDAL_HTTP_PROXY=127.0.0.1:9", "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9",
		"GDAL_HTTP_TIMEOUT=1", "GDAL_HTTP_MAX_RETRY=0", "PROJ_NETWORK=OFF", "GDAL_DISABLE_READDIR_ON_OPEN=FALSE",
		"OGR_SQLITE_SYNCHRONOUS=OFF", "OGR_XLS_HEADERS=DISABLE", "GDAL_CACHEMAX=64", "CPL_LOG_ERRORS=OFF",
	}
}

var driverLine = regexp.MustCompile(`(?m)^ +(\S.*?) -[a-z, ]*- \(`)

// skip lists every driver but those kept: GDAL_SKIP is the one way to name
// them that all versions know.
func (g gdal) skip(ctx context.Context) (string, error) {
	path, err := exec.LookPath("ogrinfo")
	if err != nil {
		return "", errMissing(err)
	}
	cmd := exec.CommandContext(ctx, path, "--formats")
	cmd.Env = environment(g.folder)
	list, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			return "", g.explain(ctx, err, "")
		}
		return "", fmt.Errorf("ask GDAL for its drivers: %w", err)
	}
	var others []string
	kept := 0
	for _, m := range driverLine.FindAllStringSubmatch(string(list), -1) {
		if slices.Contains(g.keep, m[1]) {
			kept++
			continue
		}
		others = append(others, m[1])
	}
	if kept < len(g.keep) {
		return "", source.Fault("本机的 GDAL 缺少驱动 %s 之一", "the GDAL installed here lacks one of the drivers %s", strings.Join(g.keep, ", "))
	}
	return strings.Join(others, ","), nil
}

// explain makes one error of how a program ended and what it said.
func (g gdal) explain(ctx context.Context, err error, said string) error {
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return tooMuch("超过 30 分钟仍未读完", "reading it takes more than 30 minutes")
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled():
		switch exit.Sys().(syscall.WaitStatus).Signal() {
		case syscall.SIGXFSZ:
			return tooMuch("展开后超过 16 GB", "it comes to more than 16 GB")
		case syscall.SIGXCPU, syscall.SIGKILL:
			return tooMuch("读取耗时过长", "reading it takes too long")
		}
		return grids.Errorf(grids.Invalid, "file", "GDAL 读取该文件时崩溃，文件可能已损坏", "GDAL broke off while reading it; the file is damaged or malicious").
			Fix("请用原软件打开并重新另存", "open it in the program it comes from and save it anew")
	}
	why := g.lastError(said)
	e := grids.Errorf(grids.Invalid, "file", "GDAL 无法读取：%s", "GDAL can't read it: %s", why)
	return e.Fix("请用原软件打开并另存为 GeoPackage、shapefile 或 .xlsx", "open it in the program it comes from and save it as GeoPackage, shapefile or .xlsx")
}

func tooMuch(zh, en string) error {
	return (&grids.Error{Kind: grids.TooMuch, Field: "file", Message: grids.Text{ZH: zh, EN: en}}).
		Fix("请拆分文件后分别导入", "split the file and import the parts")
}

// lastError picks from GDAL's words the first that says what is wrong, without
// the paths, which mean nothing to a person elsewhere.
func (g gdal) lastError(said string) string {
	for _, folder := range []string{g.folder, g.from} {
		said = strings.ReplaceAll(said, folder+string(filepath.Separator), "")
	}
	first := ""
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "ERROR "); ok {
			_, text, _ := strings.Cut(rest, ": ")
			if text != "" {
				return text
			}
		}
		if first == "" && line != "" && line != "FAILURE:" {
			first = line
		}
	}
	if strings.HasPrefix(first, "Unable to open datasource") {
		return "it is not what its name says, or damaged"
	}
	if first == "" {
		return "no reason given"
	}
	return first
}

// limited keeps the beginning of what a program prints.
type limited struct{ bytes.Buffer }

// Write keeps what there is room for and takes the rest for written.
func (l *limited) Write(p []byte) (int, error) {
	const most = 64 << 10
	if room := most - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
