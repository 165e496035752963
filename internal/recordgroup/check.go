package recordgroup

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"habilis/internal/fault"
	"habilis/internal/identifier"
	"habilis/internal/text"
)

// check cleans what was typed of a group and notes in f what must be corrected.
func (d Details) check(f *fault.Fields) Details {
	name, problem := text.Line(d.Name, MaxName)
	f.Check("name", string(problem), "Max", MaxName)
	d.Name = name
	if strings.TrimSpace(d.Description) == "" {
		d.Description = ""
		return d
	}
	d.Description, problem = text.Line(d.Description, MaxDescription)
	f.Check("description", string(problem), "Max", MaxDescription)
	return d
}

// RecordCode gives the code of the rule that refuses a record's name, or "". A name is
// kept as it is: nothing of it is cleaned.
func RecordCode(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "recordgroup.record_empty"
	case utf8.RuneCountInString(name) > MaxRecord:
		return "recordgroup.record_too_long"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "recordgroup.record_unprintable"
	case identifier.ReadsAsNIR(name):
		return "recordgroup.record_nir"
	}
	return ""
}

// names are lists of records as a request gives them, checked: each once, in the order
// given.
type names struct {
	add, remove []string
}

// check reads what a request asks. Only the first points to correct are told: ten
// thousand would help nobody.
func (c Change) check() (names, error) {
	var f fault.Fields
	if n := len(c.Add) + len(c.Remove); n > MaxChange {
		return names{}, fault.OnField("add", "recordgroup.too_many_records", "Max", MaxChange)
	} else if n == 0 {
		return names{}, fault.OnField("add", "recordgroup.record_empty")
	}
	wrong := 0
	read := func(at string, list []string, clash map[string]bool) (map[string]bool, []string) {
		here, kept := map[string]bool{}, make([]string, 0, len(list))
		for i, name := range list {
			code := RecordCode(name)
			if code == "" && clash[name] {
				code = "recordgroup.record_both"
			}
			if code != "" && wrong < maxWrong {
				wrong++
				f.Add(at+"["+strconv.Itoa(i)+"]", code, "Max", MaxRecord)
			}
			if !here[name] {
				here[name] = true
				kept = append(kept, name)
			}
		}
		return here, kept
	}
	var n names
	var seen map[string]bool
	seen, n.add = read("add", c.Add, nil)
	_, n.remove = read("remove", c.Remove, seen)
	return n, f.Err()
}
