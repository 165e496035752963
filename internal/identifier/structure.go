package identifier

import (
	"regexp"
	"strings"

	"habilis/internal/fault"
)

// FINESS is the number of an establishment, or of the body that it belongs to: nine
// characters, of which the second is a letter in Corsica.
type FINESS string

// SIREN is the number of a body in the national register of enterprises: nine digits.
type SIREN string

// SIRET is the number of one establishment of a SIREN: fourteen digits, printed on invoices.
type SIRET string

// Refusals. Those of a length take Digits.
var (
	ErrFINESSMalformed = fault.New(fault.Invalid, "identifier.finess_malformed")
	ErrFINESSKey       = fault.New(fault.Invalid, "identifier.finess_key")
	ErrSIRENMalformed  = fault.New(fault.Invalid, "identifier.siren_malformed")
	ErrSIRENKey        = fault.New(fault.Invalid, "identifier.siren_key")
	ErrSIRETMalformed  = fault.New(fault.Invalid, "identifier.siret_malformed")
	ErrSIRETKey        = fault.New(fault.Invalid, "identifier.siret_key")
)

var (
	finessShape = shape{
		pattern: regexp.MustCompile(`^[0-9][0-9AB][0-9]{7}$`), key: finessKey, malformed: ErrFINESSMalformed, badKey: ErrFINESSKey,
	}
	sirenShape = shape{
		pattern: regexp.MustCompile(`^[0-9]{9}$`), key: luhn, malformed: ErrSIRENMalformed, badKey: ErrSIRENKey,
	}
	siretShape = shape{
		pattern: regexp.MustCompile(`^[0-9]{14}$`), key: siretKey, malformed: ErrSIRETMalformed, badKey: ErrSIRETKey,
	}
)

// sirenDigits is how many digits of a SIRET name the body.
const sirenDigits = 9

// ParseFINESS reads a FINESS number. Errors: ErrFINESSMalformed, ErrFINESSKey.
func ParseFINESS(s string) (FINESS, error) {
	n, err := finessShape.parse(s)
	return FINESS(n), err
}

// ParseSIREN reads a SIREN number. Errors: ErrSIRENMalformed, ErrSIRENKey.
func ParseSIREN(s string) (SIREN, error) {
	n, err := sirenShape.parse(s)
	return SIREN(n), err
}

// ParseSIRET reads a SIRET number. Errors: ErrSIRETMalformed, ErrSIRETKey.
func ParseSIRET(s string) (SIRET, error) {
	n, err := siretShape.parse(s)
	return SIRET(n), err
}

// finessKey checks numbers of digits. For those of Corsica no rule was found, and only
// their shape is certain (health/facts.md 3).
func finessKey(s string) bool { return corsican(s) || luhn(s) }

func corsican(s string) bool { return strings.ContainsAny(s, "AB") }

// laPoste is the SIREN whose establishments are too many for Luhn keys: the sum of
// their digits is a multiple of five instead.
const laPoste = "356000000"

func siretKey(s string) bool {
	if luhn(s) {
		return true
	}
	if !strings.HasPrefix(s, laPoste) {
		return false
	}
	sum := 0
	for i := range len(s) {
		sum += int(s[i] - '0')
	}
	return sum%5 == 0
}

// SIREN is the body to which the establishment belongs.
func (s SIRET) SIREN() SIREN { return SIREN(s[:min(sirenDigits, len(s))]) }

// Format writes the number in groups: «770 816 478».
func (f FINESS) Format() string { return grouped(string(f), 3, 3) } //nolint:mnd // DESIGN.md 9

// Format writes the number in groups: «732 829 320».
func (s SIREN) Format() string { return grouped(string(s), 3, 3) } //nolint:mnd // groups of three

// Format writes the number in groups: «732 829 320 00074».
func (s SIRET) Format() string { return grouped(string(s), 3, 3, 3) } //nolint:mnd // the SIREN, then the NIC

// Doubt tells a number of Corsica, whose key cannot be checked.
func (f FINESS) Doubt() string {
	if corsican(string(f)) {
		return "doubt.finess_key"
	}
	return ""
}
