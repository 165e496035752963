package nomenclature

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"

	"habilis/internal/text"
)

// Release names the whole of the embedded data: the latest of its versions.
const Release = "20260730120000"

// Names of the sets that this package and others ask for by name.
const (
	AllProfessions    = "J106"
	FormerProfessions = "J106-2020"
	OrdinalSpecialty  = "R38"
)

//go:embed data/*.csv data/sets.txt
var data embed.FS

// table is one line of data/sets.txt: a set with its file and version. A table with a
// system keeps only the lines of that system.
type table struct{ name, title, file, version, system string }

// Columns of a line.
const (
	codeColumns  = 3
	tableColumns = 5
)

// tables lists the sets in the order of Names.
var tables = sync.OnceValue(func() []table {
	lines := read("sets.txt", tableColumns)
	list := make([]table, len(lines))
	for i, l := range lines {
		list[i] = table{name: l[0], title: l[1], file: l[2], version: l[3], system: l[4]}
	}
	return list
})

// load reads every table, once.
var load = sync.OnceValue(func() map[string]Set {
	sets := map[string]Set{}
	for _, t := range tables() {
		s := Set{Name: t.name, Title: t.title, Version: t.version}
		for _, l := range read(t.file, codeColumns) {
			if strings.Contains(l[2], t.system) {
				s.Codes = append(s.Codes, Code{Code: l[0], Label: l[1], System: l[2]})
			}
		}
		s.System = common(s.Codes)
		sets[t.name] = newSet(s)
	}
	return sets
})

// read gives the lines of an embedded file without the first. The data is part of the
// program: what cannot be read is our mistake, which the tests of this package meet.
func read(file string, columns int) [][]string {
	body, err := data.ReadFile("data/" + file)
	if err != nil {
		panic(fmt.Sprintf("nomenclature: %v", err))
	}
	r := csv.NewReader(bytes.NewReader(body))
	r.Comma, r.FieldsPerRecord = ';', columns
	lines, err := r.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("nomenclature: %s: %v", file, err))
	}
	return lines[1:]
}

// common is the system of all the codes; none when they differ.
func common(codes []Code) string {
	system := ""
	for i, c := range codes {
		if i > 0 && c.System != system {
			return ""
		}
		system = c.System
	}
	return system
}

// newSet prepares what searches and look-ups compare.
func newSet(s Set) Set {
	s.at = make(map[string]int, len(s.Codes))
	s.folded = make([]string, len(s.Codes))
	for i, c := range s.Codes {
		s.at[c.Code] = i
		s.folded[i] = text.Fold(c.Label)
	}
	return s
}
