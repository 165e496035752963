package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Lengths of an address in bytes (RFC 5321, 4.5.3.1 and its erratum 1690).
const (
	MaxEmail = 254
	maxLocal = 64
)

// Codes of what is wrong with an address somebody typed. Their sentences are
// "fault." + code.
const (
	CodeEmailEmpty     = "account.email_empty"
	CodeEmailMalformed = "account.email_malformed"
	CodeEmailLookalike = "account.email_lookalike"
	CodeEmailTooLong   = "account.email_too_long"
)

// atext are the signs that a local part may hold beside letters, digits and dots
// (RFC 5322, 3.2.3). Quoted local parts and address literals are refused.
const atext = "!#$%&'*+-/=?^_`{|}~"

// ParseEmail reads an address as somebody typed it. The code is empty, or says
// what is wrong; the address is then empty.
func ParseEmail(s string) (Email, string) {
	address := strings.TrimSpace(s)
	switch {
	case address == "":
		return Email{}, CodeEmailEmpty
	case len(address) > MaxEmail:
		return Email{}, CodeEmailTooLong
	case !utf8.ValidString(address), strings.ContainsFunc(address, unicode.IsControl), strings.ContainsFunc(address, unicode.IsSpace):
		return Email{}, CodeEmailMalformed
	case !norm.NFKC.IsNormalString(address), strings.ContainsFunc(address, isInvisible):
		return Email{}, CodeEmailLookalike
	}
	local, domain, ok := strings.Cut(address, "@")
	if !ok || strings.Contains(domain, "@") {
		return Email{}, CodeEmailMalformed
	}
	if code := checkLocal(local); code != "" {
		return Email{}, code
	}
	ascii, code := canonicalDomain(domain)
	if code != "" {
		return Email{}, code
	}
	key := strings.ToLower(local) + "@" + ascii
	if len(key) > MaxEmail {
		return Email{}, CodeEmailTooLong
	}
	return Email{Key: key, Address: address}, ""
}

func checkLocal(local string) string {
	if len(local) > maxLocal {
		return CodeEmailTooLong
	}
	if local == "" || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") ||
		strings.Contains(local, "=?") { // an encoded word, which mail readers would turn into something else (INJ-02)
		return CodeEmailMalformed
	}
	for _, r := range local {
		switch {
		case r >= utf8.RuneSelf && !isPlainLatin(r):
			return CodeEmailLookalike
		case r < utf8.RuneSelf && !isASCIILetterOrDigit(r) && r != '.' && !strings.ContainsRune(atext, r):
			return CodeEmailMalformed
		}
	}
	return ""
}

// lookup is the profile of IDNA that browsers use to look names up (UTS 46), with
// the rules of host names.
var lookup = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true),
	idna.VerifyDNSLength(true), idna.Transitional(false))

// canonicalDomain gives the domain in ASCII and lower case.
func canonicalDomain(domain string) (ascii, code string) {
	ascii, err := lookup.ToASCII(domain)
	if err != nil || strings.HasSuffix(ascii, ".") {
		return "", CodeEmailMalformed
	}
	labels := strings.Split(ascii, ".")
	if last := labels[len(labels)-1]; len(labels) < 2 || strings.Trim(last, "0123456789") == "" {
		return "", CodeEmailMalformed
	}
	for _, l := range labels {
		shown, err := lookup.ToUnicode(l)
		if err != nil {
			return "", CodeEmailMalformed
		}
		if isLookalike(shown) {
			return "", CodeEmailLookalike
		}
	}
	return ascii, ""
}

// scripts in which a label of a domain may be written. Others are mixed or too
// rare for anybody to notice a wrong letter.
var scripts = []*unicode.RangeTable{
	unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian, unicode.Hebrew, unicode.Arabic, unicode.Georgian,
	unicode.Devanagari, unicode.Thai, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana,
}

// latinTwins are letters of other scripts that the eye reads as Latin ones (from
// Unicode's confusables.txt): a label made of them alone passes for another.
const latinTwins = "асԁеһіїјӏорԛѕԝхуүґьҽпгѵѡмтнквзьӕђћ" + "αβγεηικνορτυωχϲϳ" + "աեհոսօցզքղյ"

// isLookalike reports whether a label could be taken for another: more than one
// script, Latin letters that are no letter of a European language, or nothing but
// twins of Latin letters.
func isLookalike(label string) bool {
	var script *unicode.RangeTable
	twins := true
	for _, r := range label {
		if r < utf8.RuneSelf && !isASCIILetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		s := scriptOf(r)
		if s == nil || script != nil && s != script || s == unicode.Latin && r >= utf8.RuneSelf && !isPlainLatin(r) {
			return true
		}
		script = s
		twins = twins && strings.ContainsRune(latinTwins, r)
	}
	return script != nil && script != unicode.Latin && twins
}

func scriptOf(r rune) *unicode.RangeTable {
	for _, s := range scripts {
		if unicode.Is(s, r) {
			return s
		}
	}
	return nil
}

// isPlainLatin reports whether a letter beyond ASCII belongs to a European
// language's keyboard: Latin-1 and Latin Extended-A, without those that pass for
// an ASCII letter (dotless i, kra) or have no single lower case.
func isPlainLatin(r rune) bool {
	return r >= 0xC0 && r <= 0x17F && unicode.IsLetter(r) && !strings.ContainsRune("ıİĸŋŊ", r)
}

// isInvisible tells the characters that nobody sees: joiners, direction marks,
// selectors, fillers.
func isInvisible(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func isASCIILetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isASCIILetterOrDigit(r rune) bool { return isASCIILetter(r) || r >= '0' && r <= '9' }
