// Command genlist writes the refuse list of package credential: exactly 100,000
// common or breached passwords, folded, sorted, gzipped.
//
// It is run by hand, once per change of its sources, and needs no network itself:
//
//	npm pack @zxcvbn-ts/language-common@4.1.3 @zxcvbn-ts/language-fr@4.1.2
//	mkdir common fr
//	tar xzf zxcvbn-ts-language-common-4.1.3.tgz -C common
//	tar xzf zxcvbn-ts-language-fr-4.1.2.tgz -C fr
//	go run ./internal/credential/genlist -common common/package -fr fr/package -out internal/credential/common.txt.gz
//
// The sources, from the likeliest to the least, until the list is full:
//
//  1. the breached passwords of language-common, in their order;
//  2. words of our own: French habits, health, places, seasons, keyboards;
//  3. first and last names of language-fr;
//  4. what a minimum of twelve characters makes people write: two first names,
//     «je t’aime» and a name, a profession or a house and its town, a word or a
//     name before a year;
//  5. French words of language-fr, the frequent ones first.
//
// Both packages are MIT (see LICENSE-common.txt). Their commonWords.json, under
// another licence, is not used. Words with digits around them need no entry: the
// check takes digits off both ends before it looks (password_common.go).
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	wanted    = 100_000
	shortest  = 4  // below, an entry matches the debris of an honest passphrase
	longest   = 64 // nobody types more by habit
	minChosen = 12 // credential.MinPasswordWithFactor: shorter derivations refuse nothing
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "genlist:", err)
		os.Exit(1)
	}
}

func run() error {
	common := flag.String("common", "", "unpacked @zxcvbn-ts/language-common")
	fr := flag.String("fr", "", "unpacked @zxcvbn-ts/language-fr")
	out := flag.String("out", "common.txt.gz", "file to write")
	flag.Parse()
	var l list
	for _, source := range []func() ([]string, error){
		words(*common, "passwords.json"), known(habits()), words(*fr, "firstnames.json"), words(*fr, "lastnames.json"),
		known(derived()), words(*fr, "wikipedia.json"),
	} {
		found, err := source()
		if err != nil {
			return err
		}
		l.add(found...)
	}
	if len(l.words) < wanted {
		return fmt.Errorf("only %d entries", len(l.words))
	}
	b, err := packed(l.words[:wanted])
	if err != nil {
		return err
	}
	return os.WriteFile(*out, b, 0o600)
}

// list gathers entries in their order, each once.
type list struct {
	words []string
	seen  map[string]bool
}

func (l *list) add(words ...string) {
	for _, w := range words {
		w = fold(w)
		n := utf8.RuneCountInString(w)
		if n < shortest || n > longest || strings.ContainsAny(w, "\r\n") || l.seen[w] {
			continue
		}
		if l.seen == nil {
			l.seen = map[string]bool{}
		}
		l.seen[w] = true
		l.words = append(l.words, w)
	}
}

// fold takes case and accents away, as the check does; a test of package
// credential compares every line with its own folding.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if r = unicode.ToLower(r); !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return strings.NewReplacer("œ", "oe", "æ", "ae").Replace(b.String())
}

// known are words of our own; words, those of one file of an unpacked package.
func known(own []string) func() ([]string, error) {
	return func() ([]string, error) { return own, nil }
}

func words(pack, file string) func() ([]string, error) {
	return func() ([]string, error) {
		b, err := os.ReadFile(filepath.Join(pack, "src", file))
		if err != nil {
			return nil, err
		}
		var found []string
		err = json.Unmarshal(b, &found)
		return found, err
	}
}

// packed sorts by bytes, one entry per line, and compresses without a date: the
// same sources give the same file.
func packed(list []string) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write([]byte(strings.Join(slices.Sorted(slices.Values(list)), "\n") + "\n")); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}
