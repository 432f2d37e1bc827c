package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"unigrid/grids"
)

// config holds every setting; flags win over the environment. Nothing else in
// unigrid reads either.
type config struct {
	databaseURL string
	data        string
	territory   string
	addr        string
	uploads     string // folder of the files of imports
	keepDays    int    // how long imports' files, rows and rejects are kept
	maxUpload   int64  // bytes of one uploaded file
	safety
	publicURL string // by which the public reaches the service; "" as each request says
	lang      string // of reports, findings, reasons and refusals: zh or en; "" when nobody said
	json      bool
	log       *slog.Logger
}

// Environment variables, each with a flag of the same meaning.
const (
	envDatabaseURL = "DATABASE_URL"
	envData        = "UNIGRID_DATA"
	envTerritory   = "UNIGRID_TERRITORY"
	envAddr        = "UNIGRID_ADDR"
	envUploads     = "UNIGRID_UPLOADS"
	envKeepImports = "UNIGRID_KEEP_IMPORTS"
	envMaxUpload   = "UNIGRID_MAX_UPLOAD"
	envPublicURL   = "UNIGRID_PUBLIC_URL"
)

func (c *config) register(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&c.databaseURL, "database-url", os.Getenv(envDatabaseURL), "PostgreSQL with PostGIS to use instead of a private one ("+envDatabaseURL+")")
	flags.StringVar(&c.data, "data", fallback(os.Getenv(envData), "./var"), "folder of the private database ("+envData+")")
	flags.StringVar(&c.territory, "territory", os.Getenv(envTerritory), "code of the territory, where there are several ("+envTerritory+")")
	flags.StringVar(&c.lang, "lang", localeLanguage(), "language of reports, findings, reasons and refusals, zh or en; zh by LC_ALL, LC_MESSAGES or LANG, else en")
	flags.BoolVar(&c.json, "json", false, "print for machines")
}

// registerAddr adds the listening address to the one command that listens.
func (c *config) registerAddr(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.addr, "addr", fallback(os.Getenv(envAddr), "127.0.0.1:8080"), "address to listen on; others than this machine's only with TLS or behind a proxy ("+envAddr+")")
}

// registerImports adds what concerns the files of imports to the one command
// that keeps them.
func (c *config) registerImports(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.uploads, "uploads", os.Getenv(envUploads), "folder of the files of imports, default uploads in the data folder ("+envUploads+")")
	flags.Int64Var(&c.maxUpload, "max-upload", int64(number(os.Getenv(envMaxUpload), 4<<30)), "largest file that can be uploaded, in bytes ("+envMaxUpload+")")
}

// registerPublicURL adds where the public finds cells to the commands that
// print QR codes.
func (c *config) registerPublicURL(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.publicURL, "public-url", os.Getenv(envPublicURL), "address by which the public reaches the service, for QR codes on boards, such as https://grid.example.cn ("+envPublicURL+")")
}

// checkPublicURL refuses what is no address of a website.
func (c *config) checkPublicURL() error {
	if c.publicURL == "" {
		return nil
	}
	u, err := url.Parse(c.publicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return grids.Errorf(grids.Invalid, "public-url", "%q 不是网址", "%q is not the address of a website", c.publicURL).
			Fix("写成 https://grid.example.cn", "give it like https://grid.example.cn")
	}
	return nil
}

// registerKeep adds how long imports are kept to the commands that begin them.
func (c *config) registerKeep(cmd *cobra.Command) {
	cmd.Flags().IntVar(&c.keepDays, "keep-imports", number(os.Getenv(envKeepImports), 30), "days for which the files, rows and rejects of imports are kept ("+envKeepImports+")")
}

// number reads a setting that is a number; what isn't one is refused when the
// command completes.
func number(value string, otherwise int) int {
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return -1
	}
	return n
}

func (c *config) complete(cmd *cobra.Command) error {
	if c.lang != "" && c.lang != "zh" && c.lang != "en" {
		return usageError{grids.Errorf(grids.Invalid, "lang", "语言 %q 应为 zh 或 en", "language %q is neither zh nor en", c.lang)}
	}
	c.log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	folder, err := filepath.Abs(c.data)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	c.data = folder
	if c.uploads == "" {
		c.uploads = filepath.Join(c.data, "uploads")
	}
	return nil
}

// sentence is an error as people read it.
func (c *config) sentence(err error) string {
	var known *grids.Error
	if c.lang == "zh" && errors.As(err, &known) {
		return known.In(c.lang)
	}
	return err.Error()
}

// tell writes a line of a report in the language that was asked for.
func (c *config) tell(w io.Writer, zh, en string, args ...any) {
	fmt.Fprintln(w, grids.Textf(zh, en, args...).In(c.lang))
}

// localeLanguage is zh in a Chinese locale. Others say little: a server's is
// often English whatever its people speak.
func localeLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			if strings.HasPrefix(strings.ToLower(value), "zh") {
				return "zh"
			}
			return ""
		}
	}
	return ""
}

func fallback(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// print writes value as JSON with --json, else as people lets it.
func (c *config) print(w io.Writer, value any, people func(io.Writer)) error {
	if !c.json {
		people(w)
		return nil
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(value)
}
