// Command typography sets French catalogues right in place (DESIGN.md 9) and
// lists what only an author can correct:
//
//	go run ./internal/text/typography internal/text/catalogue/*.fr.json
//
// It answers 1 when a file cannot be read or written, or still holds a fault.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"habilis/internal/text/typeset"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: typography FILE.fr.json…")
		os.Exit(2)
	}
	ok := true
	for _, name := range os.Args[1:] {
		if err := correct(name, os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			ok = false
		}
	}
	if !ok {
		os.Exit(1)
	}
}

// correct rewrites one file when it must, and tells what is left to its author.
func correct(name string, report io.Writer) error {
	if !strings.HasSuffix(name, ".fr.json") {
		return errors.New("only a French catalogue, <area>.fr.json")
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	fixed, err := typeset.Catalogue(src)
	if err != nil {
		return err
	}
	if !bytes.Equal(src, fixed) {
		if err := os.WriteFile(name, fixed, info.Mode().Perm()); err != nil {
			return err
		}
		fmt.Fprintf(report, "%s: corrected\n", name)
	}
	return remaining(fixed)
}

// remaining lists the faults that a machine cannot correct.
func remaining(src []byte) error {
	var catalogue map[string]any
	if err := json.Unmarshal(src, &catalogue); err != nil {
		return err
	}
	var faults []error
	for key, value := range catalogue {
		for _, s := range texts(value) {
			for _, misprint := range typeset.Check(s) {
				faults = append(faults, fmt.Errorf("%s: %s", key, misprint))
			}
		}
	}
	return errors.Join(faults...)
}

// texts lists the texts of a catalogue's value: one, or one for each plural form.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var all []string
		for _, form := range v {
			all = append(all, texts(form)...)
		}
		return all
	}
	return nil
}
