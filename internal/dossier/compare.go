package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"habilis/internal/directory"
	"habilis/internal/member"
	"habilis/internal/text"
)

// Kind is what an alert is about: the gravest of what differs.
type Kind string

// The kinds, the gravest first.
const (
	Closed     Kind = "closed"     // the directory has closed the practitioner's file
	Found      Kind = "found"      // the directory knows a number that was only declared
	Renamed    Kind = "renamed"    // another name
	Profession Kind = "profession" // another profession or specialty
	Place      Kind = "place"      // the chosen place of practice is closed, or another
)

// Kinds are all of them, the gravest first.
var Kinds = []Kind{Closed, Found, Renamed, Profession, Place}

// Change is one line of «avant / après».
type Change struct {
	Field  string `json:"field"` // "family_name", "given_name", "profession", "specialty", "place", "status"
	Before string `json:"before"`
	After  string `json:"after"`
}

// Values of the field "status".
const (
	statusActive = "active"
	statusClosed = "closed"
)

// Finding is what the directory says differently of one member.
type Finding struct {
	Kind    Kind             `json:"-"`
	Changes []Change         `json:"changes"`
	Import  directory.Import `json:"import"` // what accepting would give the member
}

// digest tells the same difference again, of whatever date.
func (f *Finding) digest() string {
	b, err := json.Marshal([]any{f.Kind, f.Changes})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// compare says how an answer differs from what is known of a member; false when it does
// not, or says nothing.
func compare(m member.Member, a directory.Answer) (Finding, bool) {
	if a.Origin == directory.NotChecked || m.RPPS == "" {
		return Finding{}, false
	}
	var now directory.Practitioner
	for _, p := range a.Practitioners {
		if p.RPPS != m.RPPS || now.RPPS != "" {
			return Finding{}, false // about somebody else, or about several: no answer
		}
		now = p
	}
	known := m.Identity.Source == member.FromDirectory && m.Identity.Import != nil
	switch {
	case !now.Active && (known || now.RPPS != ""):
		return closed(m, now, a), true
	case now.RPPS == "":
		return Finding{}, false // a number that was typed and that nobody has: «à vérifier» says so already
	case !known:
		return found(m, now, a), true
	}
	return changed(m, now, a)
}

func closed(m member.Member, now directory.Practitioner, a directory.Answer) Finding {
	if now.RPPS == "" {
		now = directory.Practitioner{RPPS: m.RPPS}
	}
	return Finding{
		Kind: Closed, Changes: []Change{{"status", statusActive, statusClosed}},
		Import: directory.Import{Origin: a.Origin, AsOf: a.AsOf, Practitioner: now},
	}
}

// found compares what was typed with what the directory publishes.
func found(m member.Member, now directory.Practitioner, a directory.Answer) Finding {
	chosen := closest(now, directory.Activity{Profession: directory.Code{Code: m.ProfessionCode, Label: m.Profession}})
	f := Finding{Kind: Found, Import: imported(now, a, chosen)}
	f.differ("given_name", m.GivenName, now.GivenName)
	f.differ("family_name", m.FamilyName, now.FamilyName)
	f.differ("profession", m.Profession, chosen.Profession.Label)
	if s := specialty(chosen); s != "" {
		f.differ("specialty", m.Specialty, s)
	}
	if p := chosen.Structure.Line(); p != "" {
		f.Changes = append(f.Changes, Change{Field: "place", After: p})
	}
	return f
}

// changed compares what was imported with what the directory publishes now.
func changed(m member.Member, now directory.Practitioner, a directory.Answer) (Finding, bool) {
	before := m.Identity.Import.Practitioner
	old, _ := before.Activity(m.Identity.Import.Activity)
	chosen := closest(now, old)
	f := Finding{Import: imported(now, a, chosen)}
	f.kindIf(Renamed, f.differ("given_name", before.GivenName, now.GivenName))
	f.kindIf(Renamed, f.differ("family_name", before.FamilyName, now.FamilyName))
	if !practises(now, old.Profession) {
		f.kindIf(Profession, f.differ("profession", old.Profession.Label, chosen.Profession.Label))
	}
	if s := specialty(chosen); s != "" && specialty(old) != "" && !specialised(chosen, old.Specialties[0]) {
		f.kindIf(Profession, f.differ("specialty", specialty(old), s))
	}
	if old.Structure.Line() != "" && saysWhere(now) && !works(now, old.Structure) {
		f.kindIf(Place, f.differ("place", old.Structure.Line(), chosen.Structure.Line()))
	}
	return f, f.Kind != ""
}

// differ notes a field that reads differently, accents and case ignored.
func (f *Finding) differ(field, before, after string) bool {
	if text.Fold(before) == text.Fold(after) {
		return false
	}
	f.Changes = append(f.Changes, Change{field, before, after})
	return true
}

// kindIf keeps the gravest kind.
func (f *Finding) kindIf(k Kind, differs bool) {
	if differs && (f.Kind == "" || slices.Index(Kinds, k) < slices.Index(Kinds, f.Kind)) {
		f.Kind = k
	}
}

func imported(p directory.Practitioner, a directory.Answer, chosen directory.Activity) directory.Import {
	return directory.Import{Origin: a.Origin, AsOf: a.AsOf.UTC(), Practitioner: p, Activity: chosen.ID}
}

// closest is the activity that takes the place of one of before: at the same place and of
// the same profession, or else whatever agrees most. The IDs of two sources differ, so that
// they decide only between equals.
func closest(p directory.Practitioner, old directory.Activity) (best directory.Activity) {
	most := -1
	for _, a := range p.Activities {
		score := 0
		if samePlace(a.Structure, old.Structure) {
			score += 4
		}
		if sameCode(a.Profession, old.Profession) {
			score += 2
		}
		if a.ID == old.ID {
			score++
		}
		if score > most {
			best, most = a, score
		}
	}
	return best
}

func sameCode(a, b directory.Code) bool {
	return (a.Code != "" && a.Code == b.Code) || (a.Label != "" && text.Fold(a.Label) == text.Fold(b.Label))
}

// practises reports whether a profession is still among the practitioner's. What neither
// side tells is no difference.
func practises(p directory.Practitioner, old directory.Code) bool {
	told := false
	for _, a := range p.Activities {
		if sameCode(a.Profession, old) {
			return true
		}
		told = told || a.Profession.Code != ""
	}
	return !told || (old.Code == "" && old.Label == "")
}

func specialised(a directory.Activity, old directory.Code) bool {
	return slices.ContainsFunc(a.Specialties, func(c directory.Code) bool { return sameCode(c, old) })
}

func specialty(a directory.Activity) string {
	if len(a.Specialties) == 0 {
		return ""
	}
	return a.Specialties[0].Label
}

// samePlace compares two structures by whatever number both have, or else by name and
// postal code.
func samePlace(a, b directory.Structure) bool {
	for _, n := range [][2]string{{a.FINESS, b.FINESS}, {a.SIRET, b.SIRET}, {a.ID, b.ID}} {
		if n[0] != "" && n[0] == n[1] {
			return true
		}
	}
	return a.Name != "" && text.Fold(a.Name) == text.Fold(b.Name) && (a.PostalCode == b.PostalCode || a.PostalCode == "" || b.PostalCode == "")
}

// works reports whether the practitioner still works at a place.
func works(p directory.Practitioner, at directory.Structure) bool {
	return slices.ContainsFunc(p.Activities, func(a directory.Activity) bool { return samePlace(a.Structure, at) })
}

// saysWhere reports whether the answer names any place at all.
func saysWhere(p directory.Practitioner) bool {
	return slices.ContainsFunc(p.Activities, func(a directory.Activity) bool { return a.Structure.Line() != "" })
}
