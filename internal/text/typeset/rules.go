package typeset

import (
	"regexp"
	"strings"
)

// correction is a rule that a machine can apply; a text is right when it changes nothing.
type correction struct {
	name string
	fix  func(string) string
}

// refusal is a rule that only an author can apply.
type refusal struct {
	name string
	bad  *regexp.Regexp
}

// Pieces of the expressions below.
const (
	space  = `[ \x{A0}\x{202F}]`
	breaks = `[ \x{202F}]` // a space that is not the wide no-break one
	masks  = `\x{F0000}-\x{FFFFF}`
	nums   = `\x{F8000}-\x{FFFFF}`
	months = `janvier|janv\.|février|févr\.|mars|avril|avr\.|mai|juin|` +
		`juillet|juil\.|août|septembre|sept\.|octobre|oct\.|novembre|nov\.|décembre|déc\.`
	units = `h|min|s|ms|km|m|cm|Ko|Mo|Go|To|€|jours?|heures?|minutes?|secondes?|` +
		`semaines?|mois|ans?|années?|fois|caractères?|chiffres?|essais?|lettres?|lignes?|points?`
	linking = `sur|à|d|l|et|ou|de|des|du|par|en|dans|pour|est|sont|ont|au|aux|si|que|qui`
	capital = `tat|tats|tablissements?|tablir|tapes?|checs?|crire|crivez|diter|v[éè]nements?|` +
		`quipes?|coles?|changer|changez|léments?|mettre|teindre|carter|cran|galement|tendre`
)

// corrections run in this order: what comes first makes the work of the next plain.
var corrections = []correction{
	{"apostrophe ’, never '", replace(`['‘ʼ]`, "’")},
	{"quotation marks « »", replace(`"([^"]*)"`, "«"+NoBreak+"$1"+NoBreak+"»")},
	{"ellipsis in one character", replace(`\.{3,}`, "…")},
	{"no space before the ellipsis", replace(`([\pL\pN)`+masks+`])`+space+`+…`, "$1…")},
	{"hours as «18 h 42»", replace(`\b([01]?\d|2[0-3]):([0-5]\d)\b`, "$1"+NoBreak+"h"+NoBreak+"$2")},
	{"no double space", replace(`(`+space+`) +| +([\x{A0}\x{202F}])`, "$1$2")},
	{"no space at either end", trimEnds},
	{"no space before a comma or a full stop", replace(`([\pL\pN)»`+masks+`])`+space+`+(,|\.(?:`+space+`|\n|$))`, "$1$2")},
	{"U+00A0 before a colon", replace(`([^\s\x{A0}\x{202F}:])`+space+`*:`, "$1"+NoBreak+":")},
	{"U+202F before ; ! ?", replace(`([^\s\x{A0}\x{202F};!?…])`+space+`*([;!?])`, "$1"+NarrowNoBreak+"$2")},
	{"U+00A0 after «", replace(`«`+space+`*`, "«"+NoBreak)},
	{"U+00A0 before »", replace(space+`*»`, NoBreak+"»")},
	{"U+00A0 between groups of digits", twice(replace(`(\d)`+breaks+`(\d)`, "$1"+NoBreak+"$2"))},
	{"U+00A0 between a number and its unit", replace(`([\d`+nums+`])`+breaks+`(`+units+`)`+end, "$1"+NoBreak+"$2$3")},
	{"U+00A0 around the h of an hour", replace(`([\d`+nums+`])`+space+`h`+breaks+`([\d`+masks+`])`, "$1"+NoBreak+"h"+NoBreak+"$2")},
	{"U+00A0 before %", replace(`([\d`+nums+`])`+space+`*%`, "$1"+NoBreak+"%")},
	{"U+00A0 between a number and its noun", numberNoun},
	{"U+00A0 between the day and the month", replace(`(\d|\b1er)`+breaks+`(`+months+`)`+end, "$1"+NoBreak+"$2$3")},
	{"U+00A0 after Dr, Mme, n°", replace(`(^|[^\pL])(Dr|Pr|Mmes?|Mlle|MM?\.|[nN]°)`+breaks+`([\pL\d`+masks+`])`, "$1$2"+NoBreak+"$3")},
	{"accents on capitals", replace(`(^|[^\pL])E(`+capital+`)`+end, "${1}É$2$3")},
	{"accents on capitals: À", replace(`(^|[.:»]`+space+`|\n)A (\pL+er|\pL+ir|\pL+re|partir|propos)`+end, "${1}À $2$3")},
}

// end is the end of a word; what follows it is kept by the replacement.
const end = `($|[^\pL\d])`

// refusals are the rules of words and signs.
var refusals = []refusal{
	{"no exclamation mark", regexp.MustCompile(`!`)},
	{"straight quotation mark left alone", regexp.MustCompile(`"`)},
	{"no median point inside a word", regexp.MustCompile(`\pL[·•∙]\pL`)},
	{"no brackets inside a word", regexp.MustCompile(`\pL\((e|s|es|ne|trice|euse)\)`)},
	{"no long dash", regexp.MustCompile(`—`)},
	{"no emoji", regexp.MustCompile(`[\x{1F000}-\x{1FAFF}\x{2600}-\x{27BF}\x{FE0F}]`)},
	{"no unusual space", regexp.MustCompile(`[\t\x{2000}-\x{200F}\x{2028}\x{2029}\x{205F}-\x{206F}\x{3000}\x{FEFF}]`)},
	{"a word of DESIGN.md 9 instead", regexp.MustCompile(`(?i)\b(tokens?|MFA|workspaces?|logs)\b`)},
	{"no Oups", regexp.MustCompile(`(?i)\b(oups|oops)\b`)},
}

// replace makes a correction of an expression and its replacement.
func replace(expression, by string) func(string) string {
	re := regexp.MustCompile(expression)
	return func(s string) string { return re.ReplaceAllString(s, by) }
}

// twice applies a correction again, for matches that share a character: 1 2 3.
func twice(fix func(string) string) func(string) string {
	return func(s string) string { return fix(fix(s)) }
}

var spacesFirst = regexp.MustCompile(`^` + space + `+([^»]|$)`)
var spacesLast = regexp.MustCompile(`(^|[^«])` + space + `+$`)

// trimEnds leaves the space of a quotation mark alone at an end.
func trimEnds(s string) string {
	return spacesLast.ReplaceAllString(spacesFirst.ReplaceAllString(s, "$1"), "$1")
}

var countedNoun = regexp.MustCompile(`([` + nums + `]) (\pL+)`)
var linkingWord = regexp.MustCompile(`^(?:` + linking + `)$`)

// numberNoun ties a counted noun to its number, but not a word that only links:
// «3 invitations», and «3 sur 4».
func numberNoun(s string) string {
	return countedNoun.ReplaceAllStringFunc(s, func(found string) string {
		number, word, _ := strings.Cut(found, " ")
		if linkingWord.MatchString(word) {
			return found
		}
		return number + NoBreak + word
	})
}
