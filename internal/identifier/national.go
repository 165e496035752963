package identifier

import (
	"regexp"
	"strings"

	"habilis/internal/fault"
)

// NationalID names a person in the whole of French health care: a type of
// TRE_G08-TypeIdentifiantPersonne, then an identifier of that type. It is text, not a
// number: test identities («ANS20231122132732») and those of ProSanté Identity (a UUID)
// hold letters.
type NationalID string

// ErrNationalIDMalformed refuses what no type of national identifier explains.
var ErrNationalIDMalformed = fault.New(fault.Invalid, "identifier.national_id_malformed")

// The types of G08 whose identifier is checked.
const (
	typeADELI   = "0"
	typeFINESS  = "3"
	typeSIREN   = "4"
	typeSIRET   = "5"
	typeRPPS    = "8"
	typeMSSante = "10"
	typeROR     = "30"
)

// Types beside those of G08.
const (
	TypeTrial = "ANS"  // a test identity of the ministry
	TypePSI   = "UUID" // ProSanté Identity
)

var (
	trialID = regexp.MustCompile(`^ANS[0-9]{14}$`)
	psiID   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	// register is a national identifier of a register: a type, and what the register wrote.
	register = regexp.MustCompile(`^(1|2|3|4|5|6|9|30)[0-9A-Za-z][0-9A-Za-z/._-]{1,60}$`)
)

// ParseNationalID reads a national identifier. Errors: ErrNationalIDMalformed, and
// ErrRPPSKey for one made of an RPPS number with a typing mistake.
func ParseNationalID(s string) (NationalID, error) {
	if len(s) > maxMailbox {
		return "", ErrNationalIDMalformed
	}
	typed := strings.TrimSpace(s)
	if trialID.MatchString(typed) || psiID.MatchString(typed) {
		return NationalID(typed), nil
	}
	if address, ok := strings.CutPrefix(typed, typeMSSante); ok && strings.Contains(address, "@") {
		m, err := ParseMSSante(address)
		if err != nil {
			return "", ErrNationalIDMalformed
		}
		return NationalID(typeMSSante + string(m)), nil
	}
	return parseNumbered(typed)
}

// parseNumbered reads the identifiers of people, whose separators do not count, then
// those of registers, kept as they are.
func parseNumbered(typed string) (NationalID, error) {
	bare := compact(typed)
	if number, ok := strings.CutPrefix(bare, typeRPPS); ok {
		r, err := ParseRPPS(number)
		switch {
		case err == nil:
			return r.National(), nil
		case fault.Of(err).Code == ErrRPPSKey.Code:
			return "", ErrRPPSKey
		}
		return "", ErrNationalIDMalformed
	}
	if number, ok := strings.CutPrefix(bare, typeADELI); ok {
		a, err := ParseADELI(number)
		if err != nil {
			return "", ErrNationalIDMalformed
		}
		return NationalID(typeADELI + string(a)), nil
	}
	if !register.MatchString(typed) {
		return "", ErrNationalIDMalformed
	}
	return NationalID(typed), nil
}

// Type is the code of G08, TypeTrial or TypePSI.
func (n NationalID) Type() string {
	s := string(n)
	switch {
	case s == "":
		return ""
	case trialID.MatchString(s):
		return TypeTrial
	case psiID.MatchString(s):
		return TypePSI
	case strings.HasPrefix(s, typeMSSante) && strings.Contains(s, "@"):
		return typeMSSante
	case strings.HasPrefix(s, typeROR) && !holdsFINESS(s):
		return typeROR
	}
	return s[:1]
}

// holdsFINESS tells a FINESS of a department of the South-East after type 3 from the
// type 30 of the ROR.
func holdsFINESS(s string) bool {
	return finessShape.pattern.MatchString(beforeSlash(s[1:]))
}

func beforeSlash(s string) string {
	head, _, _ := strings.Cut(s, "/")
	return head
}

// RPPS is the number in an identifier made of one; false for all others.
func (n NationalID) RPPS() (RPPS, bool) {
	number, ok := strings.CutPrefix(string(n), typeRPPS)
	if !ok || n.Type() != typeRPPS {
		return "", false
	}
	r, err := ParseRPPS(number)
	return r, err == nil
}

// Format writes the identifier: in groups what is a number, as it is what is text.
func (n NationalID) Format() string {
	if r, ok := n.RPPS(); ok {
		return typeRPPS + noBreak + r.Format()
	}
	return string(n)
}

// Doubt tells an identifier whose number of a structure breaks its key, and those of
// test identities.
func (n NationalID) Doubt() string {
	head := beforeSlash(strings.TrimPrefix(string(n), n.Type()))
	var err error
	switch n.Type() {
	case TypeTrial:
		return "doubt.rpps_trial"
	case typeRPPS:
		r, _ := n.RPPS()
		return r.Doubt()
	case typeADELI:
		return ADELI(head).Doubt()
	case typeFINESS:
		_, err = ParseFINESS(head)
	case typeSIREN:
		_, err = ParseSIREN(head)
	case typeSIRET:
		_, err = ParseSIRET(head)
	}
	if err != nil {
		return "doubt.national_id"
	}
	return ""
}
