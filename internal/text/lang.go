package text

import (
	"slices"

	"golang.org/x/text/language"
)

// Lang is a language of the interface, written as in BCP 47.
type Lang string

// The languages of the interface; French is the one used when nothing better is known.
const (
	FR Lang = "fr"
	EN Lang = "en"
)

// All lists the languages of the interface, the default first.
var All = []Lang{FR, EN}

// maxLanguageHeader bounds, in bytes, what is read of an Accept-Language header
// or of a language tag: both come from strangers.
const maxLanguageHeader = 1024

// matcher answers an index into All. Its tags are not used, because it answers
// fr-u-rg-cazzzz for fr-CA.
var matcher = language.NewMatcher([]language.Tag{language.French, language.English})

// ParseLang reads a BCP 47 tag («fr», «fr-FR», «en-GB») as one of our languages.
// It answers false for any other language and for anything that is no tag.
func ParseLang(s string) (Lang, bool) {
	if s == "" || len(s) > maxLanguageHeader {
		return "", false
	}
	tag, err := language.Parse(s)
	if err != nil {
		return "", false
	}
	base, _, _ := tag.Raw() // what is written; Base would guess English for «und»
	lang := Lang(base.String())
	if !slices.Contains(All, lang) {
		return "", false
	}
	return lang, true
}

// Match chooses the language of an answer: the person's own choice when it is
// one of ours, then the browser's Accept-Language, then French.
func Match(preferred, acceptLanguage string) Lang {
	if lang, ok := ParseLang(preferred); ok {
		return lang
	}
	if len(acceptLanguage) > maxLanguageHeader {
		return All[0]
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return All[0]
	}
	_, index, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return All[0]
	}
	return All[index]
}
