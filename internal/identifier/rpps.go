package identifier

import (
	"regexp"
	"strings"

	"habilis/internal/fault"
)

// RPPS is the number of a person in the national register of those who work in health:
// eleven digits, the last one a Luhn key, given once for life. It says who somebody is,
// not that they practise a regulated profession (nomenclature.Regulated says that).
type RPPS string

// Refusals of an RPPS number.
var (
	ErrRPPSMalformed = fault.New(fault.Invalid, "identifier.rpps_malformed") // takes Digits
	ErrRPPSKey       = fault.New(fault.Invalid, "identifier.rpps_key")
)

var rppsShape = shape{
	pattern: regexp.MustCompile(`^[0-9]{11}$`), key: luhn, malformed: ErrRPPSMalformed, badKey: ErrRPPSKey,
}

// ParseRPPS reads an RPPS number. Errors: ErrRPPSMalformed, ErrRPPSKey.
func ParseRPPS(s string) (RPPS, error) {
	n, err := rppsShape.parse(s)
	return RPPS(n), err
}

// Format writes the number in groups: «99 700 218 896».
func (r RPPS) Format() string { return grouped(string(r), 2, 3, 3) } //nolint:mnd // DESIGN.md 9

// trialRPPS begins the numbers of the ministry's test identities.
const trialRPPS = "997"

// Doubt tells a number of a test identity, which no patient's record should meet.
func (r RPPS) Doubt() string {
	if strings.HasPrefix(string(r), trialRPPS) {
		return "doubt.rpps_trial"
	}
	return ""
}

// National is the national identifier that the number makes.
func (r RPPS) National() NationalID { return NationalID(typeRPPS + string(r)) }

// ADELI is the number of a professional in the register that closed on 20 September
// 2024: nine digits, or a letter second in Corsica. Only ever the former name of somebody.
type ADELI string

// ErrADELIMalformed refuses what cannot be an ADELI number.
var ErrADELIMalformed = fault.New(fault.Invalid, "identifier.adeli_malformed")

var adeliShape = shape{pattern: regexp.MustCompile(`^[0-9][0-9AB][0-9]{7}$`), malformed: ErrADELIMalformed}

// ParseADELI reads an ADELI number. Errors: ErrADELIMalformed.
func ParseADELI(s string) (ADELI, error) {
	n, err := adeliShape.parse(s)
	return ADELI(n), err
}

// Format writes the number in groups: «012 800 736».
func (a ADELI) Format() string { return grouped(string(a), 3, 3) } //nolint:mnd // groups of three

// Doubt tells a number that breaks the key which every known number keeps: the register
// never published its rule.
func (a ADELI) Doubt() string {
	if strings.ContainsAny(string(a), "AB") || !luhn(string(a)) {
		return "doubt.adeli_key"
	}
	return ""
}

// AM is the number by which the Assurance Maladie knows one activity of a professional:
// nine digits, printed on prescriptions.
type AM string

// ErrAMMalformed refuses what has not nine digits. It takes Digits.
var ErrAMMalformed = fault.New(fault.Invalid, "identifier.am_malformed")

var amShape = shape{pattern: regexp.MustCompile(`^[0-9]{9}$`), malformed: ErrAMMalformed}

// ParseAM reads an Assurance Maladie number. Errors: ErrAMMalformed.
func ParseAM(s string) (AM, error) {
	n, err := amShape.parse(s)
	return AM(n), err
}

// Format writes the number in groups: «991 823 766».
func (a AM) Format() string { return grouped(string(a), 3, 3) } //nolint:mnd // groups of three

// Doubt tells a number that breaks the key which every known number keeps: the
// Assurance Maladie never published its rule (health/facts.md 3).
func (a AM) Doubt() string {
	if !luhn(string(a)) {
		return "doubt.am_key"
	}
	return ""
}
