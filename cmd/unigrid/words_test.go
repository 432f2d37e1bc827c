package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"unigrid/grids"
	"unigrid/grids/merge"
)

// sources parses the module's own Go, without tests and generated files.
func sources(t *testing.T, look func(path string, file *ast.File, at func(ast.Node) string)) {
	t.Helper()
	files := token.NewFileSet()
	count := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "var" || d.Name() != ".." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".gen.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		count++
		look(filepath.ToSlash(strings.TrimPrefix(path, "../../")), file, func(n ast.Node) string {
			p := files.Position(n.Pos())
			return fmt.Sprintf("%s:%d", strings.TrimPrefix(p.Filename, "../../"), p.Line)
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 200 {
		t.Fatalf("only %d files were looked at", count)
	}
}

// A finding gets its words from Say alone, so that it has both languages.
func TestFindingsSpeakBothLanguages(t *testing.T) {
	t.Parallel()
	said := 0
	sources(t, func(path string, file *ast.File, at func(ast.Node) string) {
		if path == "grids/finding.go" {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if nameOf(n.Type) != "Finding" || file.Name.Name == "geo" {
					return true
				}
				for _, e := range n.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok && strings.HasPrefix(nameOf(pair.Key), "Message") {
						t.Errorf("%s: a finding's words are set without Say", at(n))
					}
				}
			case *ast.UnaryExpr:
				if field, ok := n.X.(*ast.SelectorExpr); ok && n.Op == token.AND && strings.HasPrefix(field.Sel.Name, "Message") {
					t.Errorf("%s: words are read into a finding without Say", at(n))
				}
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "MessageZH" {
						t.Errorf("%s: a finding's words are set without Say", at(n))
					}
				}
			case *ast.CallExpr:
				if nameOf(n.Fun) == "Say" {
					said++
				}
			}
			return true
		})
	})
	if said < 30 {
		t.Errorf("only %d findings are said", said)
	}
}

// Every text has Chinese where it has English, and both use the same arguments.
func TestTextsAreInBothLanguages(t *testing.T) {
	t.Parallel()
	// before is how many arguments stand before the Chinese format.
	before := map[string]int{"Textf": 0, "Errorf": 2, "Fix": 0, "Fault": 0, "say": 0, "warn": 1, "tell": 1}
	texts := 0
	sources(t, func(_ string, file *ast.File, at func(ast.Node) string) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				skip, ok := before[nameOf(n.Fun)]
				if !ok || len(n.Args) < skip+2 || nameOf(n.Fun) == "say" && file.Name.Name != "cells" {
					return true
				}
				zh, okZH := constant(n.Args[skip])
				en, okEN := constant(n.Args[skip+1])
				if !okZH || !okEN || nameOf(n.Fun) == "Errorf" && pack(n.Fun) == "fmt" {
					return true
				}
				texts++
				if err := together(zh, en, len(n.Args)-skip-2, n.Ellipsis.IsValid()); err != "" {
					t.Errorf("%s: %s: %q, %q", at(n), err, zh, en)
				}
			case *ast.CompositeLit:
				if nameOf(n.Type) != "Text" && n.Type != nil {
					return true
				}
				parts := map[string]string{}
				for _, e := range n.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok {
						if text, ok := constant(pair.Value); ok {
							parts[nameOf(pair.Key)] = text
						}
					}
				}
				zh, okZH := parts["ZH"]
				en, okEN := parts["EN"]
				if okZH && okEN {
					texts++
					if lacksChinese(zh, en) {
						t.Errorf("%s: no Chinese: %q, %q", at(n), zh, en)
					}
				}
			}
			return true
		})
	})
	if texts < 600 {
		t.Errorf("only %d texts were looked at", texts)
	}
}

// nameOf is the last name of an identifier or selector.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// pack is the package, or the value, that a selector begins with.
func pack(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return nameOf(s.X)
	}
	return ""
}

// constant is the value of a string that stands in the source.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, okLeft := constant(e.X)
		right, okRight := constant(e.Y)
		return left + right, okLeft && okRight && e.Op == token.ADD
	}
	return "", false
}

// together says what is wrong with two formats that take the same arguments.
func together(zh, en string, args int, spread bool) string {
	if lacksChinese(zh, en) {
		return "no Chinese"
	}
	used := verbs(en)
	switch {
	case !maps.Equal(verbs(zh), used):
		return "other arguments or verbs"
	case !spread && len(used) != args:
		return fmt.Sprintf("%d arguments given, %d used", args, len(used))
	}
	return ""
}

var (
	verb = regexp.MustCompile(`%[-+# 0]*(?:\[(\d+)\])?\d*(?:\.\d*)?(?:\[(\d+)\])?([a-zA-Z%])`)
	word = regexp.MustCompile(`[a-z]{2,}`)
)

// verbs gives the verb for each argument that a format takes.
func verbs(format string) map[int]string {
	taken, next := map[int]string{}, 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[3] == "%" {
			continue
		}
		for _, index := range m[1:3] {
			if n, err := strconv.Atoi(index); err == nil {
				next = n
			}
		}
		taken[next] = m[3]
		if m[3] == "q" || m[3] == "v" { // as good as %s
			taken[next] = "s"
		}
		next++
	}
	return taken
}

// lacksChinese tells whether English has words, more than one or one that is no
// name, and the Chinese none.
func lacksChinese(zh, en string) bool {
	en = verb.ReplaceAllString(en, "")
	return word.MatchString(en) && strings.TrimSpace(zh) != en && !strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// The locale says which language, --lang more.
func TestCommandsSpeakChinese(t *testing.T) {
	for _, c := range []struct{ all, lang, want string }{
		{"zh_CN.UTF-8", "en_US.UTF-8", "zh"}, {"", "zh_CN.GB18030", "zh"}, {"C", "zh_CN.UTF-8", ""}, {"", "en_US.UTF-8", ""}, {"", "", ""},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANG", c.lang)
		if got := localeLanguage(); got != c.want {
			t.Errorf("LC_ALL=%s LANG=%s: %q, want %q", c.all, c.lang, got, c.want)
		}
	}
	found := []grids.Finding{grids.Finding{Kind: "empty", Severity: grids.SeverityError, Row: 12}.Say(grids.Text{ZH: "缺少代码", EN: "no code"}), {Kind: "old", Message: "of before"}}
	wrong := fmt.Errorf("a.csv: %w", grids.Errorf(grids.Invalid, "file", "没有记录", "no rows").Fix("换一个文件", "take another"))
	for lang, want := range map[string]string{"zh": "  error empty row 12: 缺少代码\n   old: of before\nfile: 没有记录; 换一个文件", "": "  error empty row 12: no code\n   old: of before\na.csv: file: no rows; take another"} {
		var out strings.Builder
		printFindings(&out, lang, found)
		out.WriteString((&config{lang: lang}).sentence(wrong))
		if out.String() != want {
			t.Errorf("%q: %q, want %q", lang, out.String(), want)
		}
	}
}

// TestMergeIsCalledTheSame holds the client's names of conflicts and of what settles
// them against those that papers and the command line have.
func TestMergeIsCalledTheSame(t *testing.T) {
	t.Parallel()
	entry := regexp.MustCompile(`(?m)^    '?([a-z-]+)'?: '(.*)',$`)
	for file, word := range map[string]func(grids.Text) string{
		"merge.zh.ts": func(t grids.Text) string { return t.ZH },
		"merge.en.ts": func(t grids.Text) string { return strings.ReplaceAll(strings.ToUpper(t.EN[:1])+t.EN[1:], "'", "’") },
	} {
		content, err := os.ReadFile(filepath.Join("../../static/src/language", file))
		if err != nil {
			t.Fatal(err)
		}
		for part, name := range map[string]func(string) grids.Text{
			"kinds":       func(key string) grids.Text { return merge.Kind(key).Name() },
			"resolutions": merge.ResolutionName,
		} {
			_, block, _ := strings.Cut(string(content), "  "+part+": {\n")
			block, _, _ = strings.Cut(block, "  }")
			entries := entry.FindAllStringSubmatch(block, -1)
			if len(entries) < 10 {
				t.Fatalf("%s: %d %s", file, len(entries), part)
			}
			for _, e := range entries {
				if want := word(name(e[1])); e[2] != want && e[1] != "proposal" {
					t.Errorf("%s, %s: %q, and %q elsewhere", file, e[1], e[2], want)
				}
			}
		}
	}
}
