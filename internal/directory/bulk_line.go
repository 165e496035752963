package directory

import (
	"bytes"
	"hash/fnv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"habilis/internal/text"
)

// Reasons why a line is refused; the catalogue has a sentence for each.
const (
	ReasonLong       = "long"       // over MaxLineBytes
	ReasonControl    = "control"    // a character that no text holds
	ReasonEncoding   = "encoding"   // not UTF-8 in a file of UTF-8
	ReasonColumns    = "columns"    // not as many as the header
	ReasonType       = "type"       // of identifier: neither RPPS nor ADELI
	ReasonNumber     = "number"     // not a number of that type, or its key is wrong
	ReasonNational   = "national"   // the two identifiers contradict each other
	ReasonName       = "name"       // nobody's name
	ReasonProfession = "profession" // no profession
	ReasonCode       = "code"       // neither skill nor diploma nor authorisation
)

// Reasons lists them.
var Reasons = []string{
	ReasonLong, ReasonControl, ReasonEncoding, ReasonColumns, ReasonType, ReasonNumber, ReasonNational, ReasonName,
	ReasonProfession, ReasonCode,
}

// MaxLineBytes bounds a line: real ones have some 400 bytes.
const MaxLineBytes = 16 << 10

// Reject is a line that was refused.
type Reject struct {
	File   string
	Line   int64 // the header is line 1
	Reason string
}

// span is a piece of a batch's text.
type span struct{ from, to int }

// parsed is an accepted line: where its body and its terms stand in the batch.
type parsed struct {
	person, hash int64
	body         span
	terms        int // how many of the batch's terms are those of this line
}

// codeLabel is what the file calls a code.
type codeLabel struct {
	labelKey
	text string
}

// batch is what a chunk of a file became.
type batch struct {
	file    *FileReport
	lines   []parsed
	terms   []span
	text    []byte
	labels  []codeLabel
	rejects []Reject
	read    int64
}

// Bounds of what a parser remembers.
const (
	maxLabels  = 20_000
	maxFolded  = 20_000
	maxTermLen = 60 // bytes; longer words are cut, on both sides of a search
)

// parser turns lines into rows. Each goroutine has its own.
type parser struct {
	layout *layout
	latin  bool
	file   *FileReport

	fields [maxColumns + 1][]byte
	wide   []byte              // a line of Latin-1, in UTF-8
	seen   map[labelKey]bool   // labels that some batch has
	folded map[string][]string // names and towns, folded: they come again and again
	out    *batch
}

// parse reads the lines of a chunk.
func (p *parser) parse(c chunk) *batch {
	p.out = &batch{file: p.file, text: make([]byte, 0, len(c.data)/2)}
	number := c.first
	if c.tooLong {
		p.out.read++
		p.reject(number, ReasonLong)
		return p.out
	}
	for data := c.data; len(data) > 0; number++ {
		line, rest, _ := bytes.Cut(data, newline)
		data = rest
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) == 0 {
			continue
		}
		p.out.read++
		if reason := p.line(line); reason != "" {
			p.reject(number, reason)
		}
	}
	return p.out
}

var newline = []byte{'\n'}

func (p *parser) reject(line int64, reason string) {
	p.out.rejects = append(p.out.rejects, Reject{p.file.Name, line, reason})
}

// line reads one line, and says why it is refused.
func (p *parser) line(line []byte) string {
	if len(line) > MaxLineBytes {
		return ReasonLong
	}
	if hasControl(line) {
		return ReasonControl
	}
	switch {
	case p.latin:
		line = p.widen(line)
	case !utf8.Valid(line):
		return ReasonEncoding
	case bytes.IndexByte(line, c1Lead) >= 0:
		line = p.mend(line)
	}
	if !p.split(line) {
		return ReasonColumns
	}
	person, reason := p.person()
	if reason != "" {
		return reason
	}
	switch p.layout.kind {
	case KindActivities:
		return p.activity(person)
	case KindKnowHow:
		return p.knowHow(person)
	default:
		return p.diploma(person)
	}
}

// deleted is the one control that does not stand before the space.
const deleted = 0x7f

func hasControl(line []byte) bool {
	for _, c := range line {
		if c < ' ' || c == deleted {
			return true
		}
	}
	return false
}

// widen turns Latin-1, which in practice is Windows-1252, into UTF-8.
func (p *parser) widen(line []byte) []byte {
	p.wide = p.wide[:0]
	for _, c := range line {
		p.wide = utf8.AppendRune(p.wide, charmap.Windows1252.DecodeByte(c))
	}
	return p.wide
}

// c1Lead begins the controls U+0080 to U+009F in UTF-8.
const c1Lead = 0xc2

// mend turns controls that were letters of Windows-1252 back into these: files that went
// through Latin-1 hold U+0092 for «’».
func (p *parser) mend(line []byte) []byte {
	p.wide = p.wide[:0]
	for _, r := range string(line) {
		if r >= 0x80 && r < 0xa0 {
			r = charmap.Windows1252.DecodeByte(byte(r))
		}
		p.wide = utf8.AppendRune(p.wide, r)
	}
	return p.wide
}

// split cuts a line at its bars. Quotes mean nothing. The bar at the end makes no column.
func (p *parser) split(line []byte) bool {
	line = bytes.TrimSuffix(line, []byte{separatorByte})
	n := 0
	for ; n < p.layout.columns; n++ {
		i := bytes.IndexByte(line, separatorByte)
		if i < 0 {
			break
		}
		p.fields[n], line = line[:i], line[i+1:]
	}
	if n != p.layout.columns-1 {
		return false
	}
	p.fields[n] = line
	return true
}

// get gives a field; nothing when the layout has none.
func (p *parser) get(f field) []byte {
	at := p.layout.at[f]
	if at < 0 {
		return nil
	}
	return bytes.TrimSpace(p.fields[at])
}

func (p *parser) person() (int64, string) {
	kind, number, national := string(p.get(colType)), string(p.get(colNumber)), p.get(colNational)
	if kind != typeRPPS && kind != typeADELI {
		return 0, ReasonType
	}
	key, ok := personKey(kind, number)
	if !ok || !validNumber(kind, number) {
		return 0, ReasonNumber
	}
	if len(national) > 0 && string(national) != kind+number {
		return 0, ReasonNational
	}
	return key, ""
}

func (p *parser) activity(person int64) string {
	switch {
	case len(p.get(colFamily)) == 0:
		return ReasonName
	case len(p.get(colProfession)) == 0:
		return ReasonProfession
	}
	from := p.begin(lineActivity)
	for _, f := range []field{
		colTitle, colCivility, colFamily, colGiven, colProfession, colCategory, colKnowHow, colMode, colSector, colRole, colGenre, colStructure,
	} {
		p.add(p.get(f))
	}
	p.add(firstOf(p.get(colName), p.get(colSign)))
	p.add(p.get(colSIRET))
	p.add(p.get(colFINESS))
	p.street()
	p.add(p.get(colPostal))
	town := p.town()
	p.add(town)
	p.add(p.get(colPhone))
	p.label(labelProfession, colProfession, colProfessionLabel)
	p.label(labelCategory, colCategory, colCategoryLabel)
	p.label(labelKnowHow, colKnowHow, colKnowHowLabel)
	p.label(labelMode, colMode, colModeLabel)
	p.label(labelSector, colSector, colSectorLabel)
	p.label(labelRole, colRole, colRoleLabel)
	p.label(labelGenre, colGenre, colGenreLabel)
	p.end(person, from)
	if hasRPPS(person) {
		p.termsOf(town)
	}
	return ""
}

func (p *parser) knowHow(person int64) string {
	if len(p.get(colKnowHow)) == 0 {
		return ReasonCode
	}
	from := p.begin(lineKnowHow)
	p.add(p.get(colProfession))
	p.add(p.get(colKnowHow))
	p.label(labelKnowHow, colKnowHow, colKnowHowLabel)
	p.end(person, from)
	return ""
}

// diploma: an authorisation is its type, and its discipline when it has one.
func (p *parser) diploma(person int64) string {
	authorisation, words := colAuthorisation, colAuthorisationLabel
	if len(p.get(colDiscipline)) > 0 {
		authorisation, words = colDiscipline, colDisciplineLabel
	}
	if len(p.get(colDiploma)) == 0 && len(p.get(authorisation)) == 0 {
		return ReasonCode
	}
	from := p.begin(lineDiploma)
	p.add(p.get(colDiploma))
	p.add(p.get(authorisation))
	p.label(labelDiploma, colDiploma, colDiplomaLabel)
	p.label(labelAuthorisation, authorisation, words)
	p.end(person, from)
	return ""
}

func (p *parser) begin(kind string) int {
	from := len(p.out.text)
	p.out.text = append(p.out.text, kind...)
	return from
}

func (p *parser) add(value []byte) {
	p.out.text = append(append(p.out.text, separatorByte), value...)
}

func (p *parser) end(person int64, from int) {
	body := p.out.text[from:]
	h := fnv.New64a()
	_, _ = h.Write(body)     // never fails
	hash := int64(h.Sum64()) //nolint:gosec // 64 bits either way
	p.out.lines = append(p.out.lines, parsed{person: person, hash: hash, body: span{from, from + len(body)}})
}

// street puts the parts of the first line of an address together.
func (p *parser) street() {
	p.out.text = append(p.out.text, separatorByte)
	gap := false
	for _, f := range []field{colNo, colRepeat, colRoadType, colRoad, colMention} {
		part := p.get(f)
		if len(part) == 0 {
			continue
		}
		if gap {
			p.out.text = append(p.out.text, ' ')
		}
		p.out.text = append(p.out.text, part...)
		gap = true
	}
}

// town is the commune, or what stands after the postal code in «75014 PARIS CEDEX 14».
func (p *parser) town() []byte {
	if town := p.get(colTown); len(town) > 0 {
		return town
	}
	return bytes.TrimLeft(p.get(colCedex), "0123456789 ")
}

func firstOf(a, b []byte) []byte {
	if len(a) > 0 {
		return a
	}
	return b
}

// label notes what the file calls a code, the first time.
func (p *parser) label(kind string, code, words field) {
	c := p.get(code)
	if len(c) == 0 || len(p.seen) >= maxLabels {
		return
	}
	if p.seen[labelKey{kind, string(c)}] {
		return
	}
	key := labelKey{kind, string(c)}
	p.seen[key] = true
	p.out.labels = append(p.out.labels, codeLabel{key, string(p.get(words))})
}

// termsOf notes the words by which the line is found.
func (p *parser) termsOf(town []byte) {
	before := len(p.out.terms)
	family := p.fold(p.get(colFamily), false)
	for _, w := range family {
		p.term(before, termName, w)
	}
	if len(family) > 1 {
		p.term(before, termName, strings.Join(family, "")) // «legoff» finds «Le Goff»
	}
	for _, w := range p.fold(p.get(colGiven), false) {
		p.term(before, termName, w)
	}
	for _, w := range p.fold(town, true) {
		p.term(before, termTown, w)
	}
	if code := p.get(colPostal); len(code) > 0 {
		p.term(before, termPostal, string(code))
	}
	p.out.lines[len(p.out.lines)-1].terms = len(p.out.terms) - before
}

// term adds a term, once for each line.
func (p *parser) term(before int, kind, word string) {
	from := len(p.out.text)
	p.out.text = append(append(p.out.text, kind...), cutTerm(word)...)
	for _, s := range p.out.terms[before:] {
		if bytes.Equal(p.out.text[s.from:s.to], p.out.text[from:]) {
			p.out.text = p.out.text[:from]
			return
		}
	}
	p.out.terms = append(p.out.terms, span{from, len(p.out.text)})
}

// cutTerm bounds a word.
func cutTerm(word string) string {
	if len(word) <= maxTermLen {
		return word
	}
	return strings.ToValidUTF8(word[:maxTermLen], "")
}

// fold gives the folded words of a name, or the one key of a town.
func (p *parser) fold(value []byte, town bool) []string {
	if len(value) == 0 {
		return nil
	}
	if words, ok := p.folded[string(value)]; ok && !town {
		return words
	}
	if words, ok := p.folded["\x00"+string(value)]; ok && town {
		return words
	}
	if len(p.folded) >= maxFolded {
		clear(p.folded)
	}
	if town {
		words := []string{townKey(string(value))}
		p.folded["\x00"+string(value)] = words
		return words
	}
	words := text.FoldWords(string(value))
	p.folded[string(value)] = words
	return words
}
