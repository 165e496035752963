package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// page is an answer, read as a browser reads it.
type page struct {
	w      *world
	path   string
	status int
	header http.Header
	body   string
	doc    *html.Node
}

func newPage(w *world, path string, res *http.Response, body []byte) *page {
	w.Helper()
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if _, key, found := strings.Cut(string(body), "⟦"); found { // a text that could not be made
		key, _, _ = strings.Cut(key, "⟧")
		w.Errorf("%s shows the key %s", path, key)
	}
	return &page{w: w, path: path, status: res.StatusCode, header: res.Header, body: string(body), doc: doc}
}

// all are the elements of a name.
func (p *page) all(name string) (list []*html.Node) {
	for n := range p.doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			list = append(list, n)
		}
	}
	return list
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// words are the text of an element, as it is read: spaces are one.
func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return strings.ContainsRune(" \n\t", r) }), " ")
}

// text is what the main part of the page says.
func (p *page) text() string {
	for _, n := range p.all("main") {
		return words(n)
	}
	return p.body
}

func (p *page) title() string {
	for _, n := range p.all("title") {
		return words(n)
	}
	return ""
}

// says fails the test unless the page says each of these.
func (p *page) says(list ...string) *page {
	p.w.Helper()
	said := plain(p.text())
	for _, s := range list {
		if !strings.Contains(said, plain(s)) {
			p.w.Errorf("%s (%d) does not say %q:\n%s", p.path, p.status, s, said)
		}
	}
	return p
}

func (p *page) saysNot(list ...string) *page {
	p.w.Helper()
	said := plain(p.text())
	for _, s := range list {
		if strings.Contains(said, plain(s)) {
			p.w.Errorf("%s (%d) says %q", p.path, p.status, s)
		}
	}
	return p
}

// plain lets tests be written with plain spaces.
func plain(s string) string { return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s) }

// answers fails the test unless the page has this status.
func (p *page) answers(status int) *page {
	p.w.Helper()
	if p.status != status {
		p.w.Errorf("%s answered %d, want %d:\n%s", p.path, p.status, status, p.text())
	}
	return p
}

// leads fails the test unless the page answered 303 to this address.
func (p *page) leads(to string) *page {
	p.w.Helper()
	p.answers(http.StatusSeeOther)
	if got := p.header.Get("Location"); got != to && !strings.HasPrefix(got, to+"?") {
		p.w.Errorf("%s leads to %q, want %q", p.path, got, to)
	}
	return p
}

// form gives the fields of the form whose address ends so, as a browser would send
// them untouched: every value of the controls that are not buttons.
func (p *page) form(action string) url.Values {
	p.w.Helper()
	for _, f := range p.all("form") {
		if !strings.HasSuffix(attr(f, "action"), action) || attr(f, "method") != "post" {
			continue
		}
		v := url.Values{}
		for n := range f.Descendants() {
			collect(v, n)
		}
		return v
	}
	p.w.Fatalf("%s (%d) has no form to %s:\n%s", p.path, p.status, action, p.text())
	return nil
}

func collect(v url.Values, n *html.Node) {
	name := attr(n, "name")
	if n.Type != html.ElementNode || name == "" || has(n, "disabled") {
		return
	}
	switch n.Data {
	case "input":
		if kind := attr(n, "type"); kind != "checkbox" && kind != "radio" || has(n, "checked") {
			v.Add(name, attr(n, "value"))
		}
	case "textarea":
		v.Add(name, words(n))
	case "select":
		v.Add(name, selected(n))
	}
}

func selected(n *html.Node) string {
	first, found := "", false
	for o := range n.Descendants() {
		if o.Type != html.ElementNode || o.Data != "option" {
			continue
		}
		if has(o, "selected") {
			return attr(o, "value")
		}
		if !found {
			first, found = attr(o, "value"), true
		}
	}
	return first
}

// links are the addresses that the page leads to.
func (p *page) links() (list []string) {
	for _, a := range p.all("a") {
		list = append(list, attr(a, "href"))
	}
	return list
}

func (p *page) hasLink(suffix string) bool {
	return slices.ContainsFunc(p.links(), func(href string) bool { return strings.HasSuffix(href, suffix) })
}
