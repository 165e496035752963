// Package annuaire makes files like those that the Annuaire Santé publishes, of fictive
// people and of any length, with every trap that the real ones hold (health/facts.md 2):
// for measurements and tests.
package annuaire

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Options say what file to make. The same options make the same file.
type Options struct {
	Lines      int
	Columns    int  // 48, 52 or 56, the default
	Latin1     bool // ISO-8859-1 instead of UTF-8
	Generation int  // a later extraction: some have moved, some are gone
	Clean      bool // without the lines that a loader must refuse
}

// Counts say what a loader must find in the file.
type Counts struct {
	Lines    int64
	Rejected map[string]int64 // by the loader's reason
}

// Header is the header of the layout with 56 columns; the others are its beginning.
const Header = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|Libellé civilité d'exercice|" +
	"Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|Libellé profession|" +
	"Code catégorie professionnelle|Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|" +
	"Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|Numéro SIRET site|Numéro SIREN site|" +
	"Numéro FINESS site|Numéro FINESS établissement juridique|Identifiant technique de la structure|Raison sociale site|" +
	"Enseigne commerciale site|Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|" +
	"Numéro Voie (coord. structure)|Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|" +
	"Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|Mention distribution (coord. structure)|" +
	"Bureau cedex (coord. structure)|Code postal (coord. structure)|Code commune (coord. structure)|" +
	"Libellé commune (coord. structure)|Code pays (coord. structure)|Libellé pays (coord. structure)|" +
	"Téléphone (coord. structure)|Téléphone 2 (coord. structure)|Télécopie (coord. structure)|" +
	"Adresse e-mail (coord. structure)|Code Département (structure)|Libellé Département (structure)|" +
	"Ancien identifiant de la structure|Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|" +
	"Code section tableau pharmaciens|Libellé section tableau pharmaciens|Code rôle|Libellé rôle|" +
	"Code genre activité|Libellé genre activité|"

// Layouts that were published.
const (
	columns2018 = 48
	columns2021 = 52
	columnsNow  = 56
)

// Shares of what is in the file, one in so many.
const (
	refusedShare = 500  // a line that a loader must refuse
	earlierShare = 20   // a line of somebody who stood long before
	secondShare  = 3    // a line of the same person as the line before
	nowhereShare = 12   // somebody without activity
	quotedShare  = 40   // a quote in a name of a place
	adeliShare   = 400  // somebody with an ADELI number only
	movedShare   = 100  // who moves, from one generation to the next
	goneShare    = 1000 // who is gone in the next
	bufferBytes  = 1 << 20
)

// Write makes a file.
func Write(w io.Writer, o Options) (Counts, error) {
	if o.Columns == 0 {
		o.Columns = columnsNow
	}
	out := bufio.NewWriterSize(w, bufferBytes)
	m := &maker{Options: o, random: rand.New(rand.NewPCG(uint64(o.Lines), 1)), counts: Counts{Rejected: map[string]int64{}}}
	m.line(strings.SplitAfterN(Header, "|", o.Columns+1)[:o.Columns])
	m.encode(out)
	for range o.Lines {
		m.next()
		if m.counts.Lines%5000 == 0 { // an empty line is no line
			m.buffer = append(m.buffer, '\n')
		}
		m.encode(out)
	}
	return m.counts, out.Flush()
}

// maker makes lines.
type maker struct {
	Options
	random *rand.Rand
	counts Counts
	buffer []byte
	fields [columnsNow]string
	person int // the last new one
	raw    bool
}

// next makes a line: of the person of the line before, of one long before, or of a new one.
func (m *maker) next() {
	who := m.person
	switch {
	case m.person > 0 && m.random.IntN(earlierShare) == 0:
		who = 1 + m.random.IntN(m.person)
	case m.person > 0 && m.random.IntN(secondShare) == 0:
	default:
		m.person++
		who = m.person
	}
	if m.Generation > 0 && who%goneShare == 1 {
		who++
	}
	m.fill(who)
	m.counts.Lines++
	if !m.Clean && m.random.IntN(refusedShare) == 0 {
		m.spoil()
		return
	}
	m.row()
}

// row writes the fields.
func (m *maker) row() {
	for _, f := range m.fields[:m.Columns] {
		m.buffer = append(append(m.buffer, f...), '|')
	}
	m.buffer = append(m.buffer, '\n')
}

func (m *maker) line(cells []string) {
	m.buffer = append(append(m.buffer, strings.Join(cells, "")...), '\n')
}

// spoil writes a line that a loader must refuse, one way or another.
func (m *maker) spoil() {
	var reason string
	raw := false
	switch m.random.IntN(9) {
	case 0:
		reason, m.fields[1] = "number", "99700000014"
		m.fields[0] = "8"
	case 1:
		reason, m.fields[0] = "type", "3"
	case 2:
		reason, m.fields[2] = "national", "810000000000"
	case 3:
		reason, m.fields[7] = "name", ""
	case 4:
		reason, m.fields[9] = "profession", " "
	case 5:
		reason, m.fields[24] = "columns", "A|B"
	case 6:
		reason, m.fields[24] = "control", "CABINET\x00"
	case 7:
		reason, m.fields[24] = "long", strings.Repeat("LONG ", 4000)
	default:
		reason, raw = "encoding", true
		if m.Latin1 {
			reason, raw, m.fields[24] = "control", false, "\x07"
		}
	}
	m.counts.Rejected[reason]++
	if raw {
		m.fields[24] = "CABINET " + string([]byte{0xe9, '!'})
	}
	m.raw = raw
	m.row()
}

// encode hands the buffer over.
func (m *maker) encode(out *bufio.Writer) {
	if !m.Latin1 || m.raw {
		_, _ = out.Write(m.buffer) // Flush tells
	} else {
		for _, r := range string(m.buffer) {
			_ = out.WriteByte(byte(r)) // every letter we use is one of Latin-1
		}
	}
	m.buffer, m.raw = m.buffer[:0], false
}

// RPPS is the number of the nth person: eleven digits, the last one the Luhn key.
func RPPS(n int) string {
	body := fmt.Sprintf("10%08d", n)
	return body + string(rune('0'+luhn(body)))
}

// ADELI is the number of the nth person of whom no other is known.
func ADELI(n int) string {
	body := fmt.Sprintf("75%06d", n%1_000_000)
	return body + string(rune('0'+luhn(body)))
}

// luhn computes the key of a number.
func luhn(digits string) int {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return (10 - sum%10) % 10
}

// of draws the same for the same person each time.
func of(person, what, n int) int {
	x := uint64(person)*0x9e3779b97f4a7c15 + uint64(what)*0xbf58476d1ce4e5b9
	x ^= x >> 29
	x *= 0x94d049bb133111eb
	x ^= x >> 32
	return int(x % uint64(n))
}

// skewed draws a small number more often than a large one, as names are spread.
func skewed(person, what, n int) int {
	const fine = 1 << 20
	x := float64(of(person, what, fine)) / fine
	return int(x * x * x * float64(n))
}

func (m *maker) fill(who int) {
	m.fields = [columnsNow]string{}
	f := &m.fields
	f[0], f[1] = "8", RPPS(who)
	if of(who, 1, adeliShare) == 0 {
		f[0], f[1] = "0", ADELI(who)
	}
	f[2] = f[0] + f[1]
	p := professions[skewed(who, 2, len(professions))]
	f[3], f[4] = p.title, p.titleLabel
	f[5], f[6] = "MME", "Madame"
	if of(who, 3, 3) == 0 {
		f[5], f[6] = "M", "Monsieur"
	}
	f[7], f[8] = Family(who), Given(who)
	f[9], f[10], f[11], f[12] = p.code, p.label, "C", "Civil"
	f[13], f[14], f[15], f[16] = p.knowType, p.knowTypeLabel, p.know, p.knowLabel
	if of(who, 4, nowhereShare) == 0 {
		return
	}
	m.place(who, p)
}

// place fills where the person works. Another line is another place.
func (m *maker) place(who int, p profession) {
	f := &m.fields
	at := who*7 + of(int(m.counts.Lines), 5, 3)
	if m.Generation > 0 && who%movedShare == 2 {
		at += 1_000_000
	}
	name, code := Town(at)
	f[17], f[18] = "L", "Libéral, indépendant, artisan, commerçant"
	f[23], f[24] = "R10100000"+strconv.Itoa(at), "CABINET "+Family(at)
	f[46] = "4" + f[1] + "001"
	if at%3 == 0 || p.code == "99" {
		finess := fmt.Sprintf("%09d", 10_000_000+at%900_000)
		f[17], f[18], f[21], f[22], f[23], f[24], f[46] = "S", "Salarié", finess, finess, "F"+finess, "CENTRE HOSPITALIER DE "+name, "1"+finess
	}
	if at%quotedShare == 0 {
		f[25] = `CABINET "LES TILLEULS" D'` + Family(at)
	}
	if at%quotedShare == 1 && !m.Latin1 {
		f[25] = "L\u0092OLIVERAIE"
	}
	f[28], f[30], f[31], f[32] = strconv.Itoa(1+at%150), "R", "Rue", streets[at%len(streets)]
	f[34], f[35] = code+" "+name, code
	if at%7 != 0 {
		f[36], f[37] = code, name
	}
	f[40] = fmt.Sprintf("01990%05d", at%100_000)
	f[44], f[45], f[47] = code[:2], "Département "+code[:2], "CNOM/CNOM/CNOM"
	f[48], f[49] = "SA07", "Cabinet individuel"
	f[52], f[53] = p.role, p.roleLabel
	f[54], f[55] = "GENR01", "Activité de soin et de pharmacie"
}
