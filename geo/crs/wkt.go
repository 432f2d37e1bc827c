package crs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// node is one element of a WKT text: KEYWORD[value, value, child, …].
type node struct {
	keyword  string // upper case
	texts    []string
	numbers  []float64
	children []*node
}

const (
	maxLength = 64 << 10
	maxDepth  = 32
)

// parse reads WKT 1 as ESRI and OGC write it, and WKT 2. Both kinds of
// brackets are accepted. Bare words are taken as texts.
func parse(text string) (*node, error) {
	text = strings.TrimPrefix(text, "\uFEFF")
	if len(text) > maxLength {
		return nil, fmt.Errorf("the definition has %d bytes, more than %d", len(text), maxLength)
	}
	p := parser{text: text}
	p.skipBlanks()
	if p.at == len(p.text) {
		return nil, errors.New("the definition is empty")
	}
	root, err := p.element(0)
	if err != nil {
		return nil, err
	}
	p.skipBlanks()
	if rest := strings.TrimSpace(p.text[p.at:]); strings.HasPrefix(rest, ",VERTCS") || strings.HasPrefix(rest, ",VERT_CS") {
		return root, nil // ArcGIS writes the heights' system behind
	}
	if p.at != len(p.text) && strings.Trim(p.text[p.at:], "\x00 \r\n\t") != "" {
		return nil, p.wrong("unexpected text after the definition")
	}
	return root, nil
}

type parser struct {
	text string
	at   int
}

func (p *parser) wrong(what string) error {
	return fmt.Errorf("WKT, byte %d: %s", p.at+1, what)
}

func (p *parser) skipBlanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) peek() byte {
	p.skipBlanks()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// word reads up to the next bracket, comma, quote or blank.
func (p *parser) word() string {
	p.skipBlanks()
	start := p.at
	for p.at < len(p.text) && strings.IndexByte("[](),\" \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *parser) element(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, p.wrong("nested too deeply")
	}
	word := p.word()
	if word == "" {
		return nil, p.wrong("a keyword is missing")
	}
	if open := p.peek(); open != '[' && open != '(' {
		return nil, p.wrong("a bracket is missing after " + word)
	}
	return p.inside(word, depth)
}

// inside reads the bracketed list after a keyword.
func (p *parser) inside(keyword string, depth int) (*node, error) {
	n := &node{keyword: strings.ToUpper(keyword)}
	closing := byte(']')
	if p.text[p.at] == '(' {
		closing = ')'
	}
	p.at++
	if p.peek() == closing {
		p.at++
		return n, nil
	}
	for {
		if err := p.item(n, depth); err != nil {
			return nil, err
		}
		switch p.peek() {
		case ',':
			p.at++
		case closing:
			p.at++
			return n, nil
		case 0:
			return nil, p.wrong("the definition ends inside " + n.keyword)
		default:
			return nil, p.wrong("a comma or bracket is missing in " + n.keyword)
		}
	}
}

// item reads one quoted text, number, bare word or child element into n.
func (p *parser) item(n *node, depth int) error {
	if p.peek() == '"' {
		text, err := p.quoted()
		n.texts = append(n.texts, text)
		return err
	}
	word := p.word()
	if word == "" {
		return p.wrong("a value is missing in " + n.keyword)
	}
	if open := p.peek(); open == '[' || open == '(' {
		if depth >= maxDepth {
			return p.wrong("nested too deeply")
		}
		child, err := p.inside(word, depth+1)
		n.children = append(n.children, child)
		return err
	}
	if number, err := strconv.ParseFloat(word, 64); err == nil {
		n.numbers = append(n.numbers, number)
		return nil
	}
	n.texts = append(n.texts, word)
	return nil
}

func (p *parser) quoted() (string, error) {
	var b strings.Builder
	p.at++
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		if c != '"' {
			b.WriteByte(c)
			continue
		}
		if p.at < len(p.text) && p.text[p.at] == '"' { // a doubled quote stands for one
			b.WriteByte('"')
			p.at++
			continue
		}
		return b.String(), nil
	}
	return "", p.wrong("a quoted text is not closed")
}

// child returns the first child with one of the keywords, or nil.
func (n *node) child(keywords ...string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		for _, keyword := range keywords {
			if c.keyword == keyword {
				return c
			}
		}
	}
	return nil
}

// name returns the element's first text.
func (n *node) name() string {
	if n == nil || len(n.texts) == 0 {
		return ""
	}
	return n.texts[0]
}

// number returns the element's i-th number.
func (n *node) number(i int) (float64, bool) {
	if n == nil || i >= len(n.numbers) {
		return 0, false
	}
	return n.numbers[i], true
}

// plain reduces a name to lower-case letters and digits, so that
// "Gauss_Kruger" and "Gauss Kruger" are the same.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			return r
		}
		return -1
	}, name)
}
