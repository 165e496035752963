package directory

import (
	"strings"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// Kinds of bulk files.
const (
	KindActivities = "activities" // PS_LibreAcces_Personne_activite
	KindKnowHow    = "know_how"   // PS_LibreAcces_SavoirFaire
	KindDiplomas   = "diplomas"   // PS_LibreAcces_Dipl_AutExerc
)

// Refusals of a file as a whole: what to do stands in the catalogue. They take File.
var (
	ErrUnknownLayout = fault.New(fault.Invalid, "directory.unknown_layout") // takes Header too
	ErrRestricted    = fault.New(fault.Invalid, "directory.restricted_extract")
	ErrEmptyFile     = fault.New(fault.Invalid, "directory.empty_file")
)

// maxColumns bounds the columns of a line: the widest layout known has 56.
const maxColumns = 128

// field is a column that we read.
type field uint8

// The fields, in no order: files name their columns.
const (
	colType field = iota
	colNumber
	colNational
	colTitle
	colCivility
	colFamily
	colGiven
	colProfession
	colProfessionLabel
	colCategory
	colCategoryLabel
	colKnowHow
	colKnowHowLabel
	colMode
	colModeLabel
	colSIRET
	colFINESS
	colStructure
	colName
	colSign
	colNo
	colRepeat
	colRoadType
	colRoad
	colMention
	colCedex
	colPostal
	colTown
	colPhone
	colSector
	colSectorLabel
	colRole
	colRoleLabel
	colGenre
	colGenreLabel
	colDiploma
	colDiplomaLabel
	colAuthorisation
	colAuthorisationLabel
	colDiscipline
	colDisciplineLabel
	fieldCount
)

// columnNames are the names of the columns after columnKey. Labels drift from one layout to
// the next; the small words that drift are not in the key.
var columnNames = map[string]field{
	"type identifiant pp": colType, "identifiant pp": colNumber, "identification nationale pp": colNational,
	"code civilite exercice": colTitle, "code civilite": colCivility, "nom exercice": colFamily, "prenom exercice": colGiven,
	"code profession": colProfession, "libelle profession": colProfessionLabel,
	"code categorie professionnelle": colCategory, "libelle categorie professionnelle": colCategoryLabel,
	"code savoir faire": colKnowHow, "libelle savoir faire": colKnowHowLabel,
	"code mode exercice": colMode, "libelle mode exercice": colModeLabel,
	"numero siret site": colSIRET, "numero finess site": colFINESS, "identifiant technique structure": colStructure,
	"raison sociale site": colName, "enseigne commerciale site": colSign,
	"numero voie": colNo, "indice repetition voie": colRepeat, "libelle type voie": colRoadType, "libelle voie": colRoad,
	"mention distribution": colMention, "bureau cedex": colCedex, "code postal": colPostal, "libelle commune": colTown,
	"telephone":             colPhone,
	"code secteur activite": colSector, "libelle secteur activite": colSectorLabel,
	"code role": colRole, "libelle role": colRoleLabel, "code fonction": colRole, "libelle fonction": colRoleLabel,
	"code genre activite": colGenre, "libelle genre activite": colGenreLabel,
	"code diplome obtenu": colDiploma, "libelle diplome obtenu": colDiplomaLabel,
	"code type autorisation": colAuthorisation, "libelle type autorisation": colAuthorisationLabel,
	"code discipline autorisation": colDiscipline, "libelle discipline autorisation": colDisciplineLabel,
}

// smallWords join the words of a column's name, or are left out.
var smallWords = map[string]bool{"d": true, "de": true, "des": true, "du": true, "la": true, "le": true, "l": true}

// columnKey reduces a column's name to what does not drift: no accents, case, punctuation,
// small words, nor «(coord. structure)» and «(structure)» at its end.
func columnKey(name string) string {
	base, _, _ := strings.Cut(name, "(coord. structure")
	base, _, _ = strings.Cut(base, "(structure")
	var words []string
	for _, w := range text.FoldWords(strings.NewReplacer("'", " ", "’", " ", "\u0092", " ").Replace(base)) {
		if !smallWords[w] {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// layout says where the fields of a file stand.
type layout struct {
	kind    string
	columns int              // without the empty one after the last bar
	at      [fieldCount]int8 // -1: the file has no such column
}

// needed are the columns without which a file is not what it seems.
var needed = map[string][]field{
	KindActivities: {colType, colNumber, colFamily, colGiven, colProfession, colMode, colStructure, colPostal},
	KindKnowHow:    {colType, colNumber, colProfession, colKnowHow},
	KindDiplomas:   {colType, colNumber, colDiploma},
}

// restricted are columns of the extract that only services of ProSanté Connect may hold: it
// has birth dates, and we neither need nor want them.
var restricted = map[string]bool{"date naissance": true, "lieu naissance": true, "code commune naissance": true}

// readLayout reads a header, in UTF-8. Faults: ErrUnknownLayout, ErrRestricted.
func readLayout(header string) (l layout, err error) {
	names := strings.Split(strings.TrimSuffix(header, separator), separator)
	if len(names) > maxColumns {
		return l, ErrUnknownLayout
	}
	l.columns = len(names)
	for i := range l.at {
		l.at[i] = -1
	}
	for i, name := range names {
		key := columnKey(name)
		if restricted[key] {
			return l, ErrRestricted
		}
		if f, ok := columnNames[key]; ok && l.at[f] < 0 {
			l.at[f] = int8(i)
		}
	}
	for _, kind := range []string{KindActivities, KindDiplomas, KindKnowHow} {
		if l.has(needed[kind]...) {
			l.kind = kind
			return l, nil
		}
	}
	return l, ErrUnknownLayout
}

func (l *layout) has(fields ...field) bool {
	for _, f := range fields {
		if l.at[f] < 0 {
			return false
		}
	}
	return true
}
