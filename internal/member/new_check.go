package member

import (
	"slices"

	"habilis/internal/nomenclature"
)

// withRPPS are the functions of professions that have an RPPS number today, by the code
// of the profession (MEM-4).
var withRPPS = map[string]string{
	"physician": "10", "pharmacist": "21", "dentist": "40", "midwife": "50", "nurse": "60", "physiotherapist": "70", "psychologist": "93",
}

// proposes notes that an unregulated profile has a profession with an RPPS number: the
// doors propose type A, and never force it (MEM-4). Said once, when it is written.
func (e *edition) proposes() {
	was, is := &e.was, &e.Member
	said := was.ProfileType == is.ProfileType && was.ProfessionCode == is.ProfessionCode &&
		was.Profession == is.Profession && was.Function == is.Function
	if is.ProfileType != Unregulated || said {
		return
	}
	professions, _ := nomenclature.Get(nomenclature.AllProfessions)
	named, _ := professions.Named(is.Profession)
	if slices.ContainsFunc([]string{is.ProfessionCode, named.Code, withRPPS[is.Function]}, nomenclature.HasRPPS) {
		e.doubt("doubt.has_rpps")
	}
}

// unregulated reports that the profession is not a regulated one: an RPPS number alone
// does not make type A, whose holders may be known by a role only (code 99, MEM-2). A
// profession that was only typed cannot be told.
func (e *edition) unregulated() bool {
	coded := e.ProfessionCode != "" || e.adopted
	becomes := e.ProfileType == Regulated && e.was.ProfileType != Regulated
	return becomes && coded && !nomenclature.Regulated(e.ProfessionCode)
}
