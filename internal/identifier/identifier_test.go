package identifier_test

import (
	"errors"
	"testing"

	"habilis/internal/fault"
	"habilis/internal/identifier"
)

// health/facts.md 3: what is certain is refused, what is only plausible warns.
func TestVerdicts(t *testing.T) {
	for kind, cases := range map[string]map[string]verdict{
		"RPPS": {
			"99 700 218 896": doubted, "99.700.218-896": doubted, "99\u00a0700\u202f218 896": doubted, "10100000010": refused,
			"00000000000": refused, "9970021889": refused, "997002188966": refused, "9970021889A": refused, "٩٩٧٠٠٢١٨٨٩٦": refused,
			"９９７００２１８８９６": refused, "": refused, "899700218896": refused, "10000000016": refused, "10003461033": refused,
		},
		"FINESS": {
			"2A0000012": doubted, "2b 000 001 3": doubted, "2C0000012": refused, "A20000012": refused, "770 816 478": fine,
			"770816479": refused, "000000000": refused, "77081647": refused,
		},
		"SIREN": {"732 829 320": fine, "732829321": refused, "73282932": refused, "7328293200": refused, "000000000": refused},
		"SIRET": {
			"732 829 320 00074": fine, "73282932000075": refused, "35600000049838": refused, "35600000049837": fine,
			"73282932000-074": fine, "7328293200007": refused, "00000000000000": refused,
		},
		"AM":    {"991 823 766": fine, "991823767": doubted, "99182376": refused, "99182376A": refused},
		"ADELI": {"012800736": fine, "012800737": doubted, "2A0000001": doubted, "0128007366": refused},
		"MSSante": {
			"Claire.Essai@Medecin.MSSante.fr": fine, "a@interop-mssante.apicrypt.org": fine, "a@ch-dax.mssante.fr": fine,
			"a@mssante.fr": doubted, "a@exemple.apicrypt.org": doubted, "a@exemple.fr": doubted, "a@medecin.mssante.fr.evil.example": doubted,
			"a@@medecin.mssante.fr": refused, "a b@medecin.mssante.fr": refused, "medecin.mssante.fr": refused, "": refused,
			"a@medecin.mssante.fr\r\nBcc: b@exemple.fr": refused, "<a@medecin.mssante.fr>": refused, "a@-x.mssante.fr": refused,
			"é@medecin.mssante.fr": refused, `"a"@medecin.mssante.fr`: refused, "a.@medecin.mssante.fr": refused,
		},
		"NationalID": {
			"899700218896": doubted, "8 99700218896": doubted, "810003461033": refused, "81000": refused, "0012800736": fine,
			"0012800737": doubted, "500000001815646/CPAT00045": fine, "500000001815647/CPAT00045": doubted, "573282932000074/CPAT00045": fine, "3770816478/12": fine,
			"3770816479/12": doubted, "4732829320/0001": fine, "4732829321": doubted, "112345678": fine, "6R10000001234": fine,
			"ANS20231122132732": doubted, "ANS2023112213273": refused, "018f2f0a-7b1c-7c3d-9e4f-0123456789ab": fine,
			"10claire@medecin.mssante.fr": fine, "10claire@": refused, "30ROR-12345": fine, "7123456789": refused, "": refused,
			"3/../../etc/passwd": refused, "5<script>": refused, "0": refused, "8": refused,
		},
		"Phone": {
			"06 12 34 56 78": fine, "+33 (0)6 12 34 56 78": fine, "0033472000000": fine, "0692 12 34 56": fine, "0690 12 34 56": fine,
			"+32 2 555 12 12": fine, "07 09 12 34 56": fine, "06 39 98 12 34": doubted, "06–12–34–56–78": fine, "06\u202f12\u202f34\u202f56\u202f78": fine,
			"12": refused, "06 12 34 56": refused, "téléphone": refused, "0800 FLEURS": refused, "0612345678 poste 3": refused,
			"<b>0612345678": refused, "+": refused, "": refused, "00 00 00 00 00": refused, "+999 12345678": refused,
		},
	} {
		for s, want := range cases {
			if got := judges[kind](t, s); got != want {
				t.Errorf("%s %q: %s, want %s", kind, s, got, want)
			}
		}
	}
}

// health/facts.md 3.2: mainland and overseas numbers, in E.164, and as they are dialled.
func TestPhoneForms(t *testing.T) {
	for typed, want := range map[string][2]string{
		"0612345678": {"+33612345678", "06 12 34 56 78"}, "0472000000": {"+33472000000", "04 72 00 00 00"},
		"0262 12 34 56": {"+262262123456", "0262 12 34 56"}, "0639 01 23 45": {"+262639012345", "0639 01 23 45"},
		"0590 12 34 56": {"+590590123456", "0590 12 34 56"}, "0694 12 34 56": {"+594694123456", "0694 12 34 56"},
		"0696 12 34 56": {"+596696123456", "0696 12 34 56"}, "0508 41 12 34": {"+508411234", "0508 41 12 34"}, "+508 41 12 34": {"+508411234", "0508 41 12 34"},
		"+687 27 12 34": {"+687271234", "+687 27.12.34"}, "+3225551212": {"+3225551212", "+32 2 555 12 12"},
	} {
		p, err := identifier.ParsePhone(typed)
		if shown := spaced(p.Format()); err != nil || string(p) != want[0] || shown != want[1] {
			t.Errorf("%s: %q, shown %q, %v", typed, p, shown, err)
		}
	}
}

// spaced writes the no-break spaces as plain ones, for a test that people can read.
func spaced(s string) string {
	var out []rune
	for _, r := range s {
		if r == '\u00a0' {
			r = ' '
		}
		out = append(out, r)
	}
	return string(out)
}

// DESIGN.md 9: numbers are grouped, and no line ends inside them.
func TestFormats(t *testing.T) {
	rpps, _ := identifier.ParseRPPS("99700218896")
	finess, _ := identifier.ParseFINESS("770816478")
	siret, _ := identifier.ParseSIRET("73282932000074")
	am, _ := identifier.ParseAM("991823766")
	for got, want := range map[string]string{
		rpps.Format(): "99\u00a0700\u00a0218\u00a0896", finess.Format(): "770\u00a0816\u00a0478",
		siret.Format(): "732\u00a0829\u00a0320\u00a000074", siret.SIREN().Format(): "732\u00a0829\u00a0320", am.Format(): "991\u00a0823\u00a0766",
		rpps.National().Format(): "8\u00a099\u00a0700\u00a0218\u00a0896", identifier.RPPS("").Format(): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TRE_G08: the type of a national identifier, and the RPPS number in it.
func TestNationalID(t *testing.T) {
	for id, want := range map[identifier.NationalID]string{
		"899700218896": "8", "0012800736": "0", "573282932000074/CPAT00045": "5", "ANS20231122132732": "ANS", "30ROR-1": "30",
		"3070780000": "3", "018f2f0a-7b1c-7c3d-9e4f-0123456789ab": "UUID", "10a@medecin.mssante.fr": "10", "112345678": "1", "": "",
	} {
		if id.Type() != want {
			t.Errorf("%s: type %s, want %s", id, id.Type(), want)
		}
		r, ok := id.RPPS()
		if ok != (want == "8") || ok && r.National() != id {
			t.Errorf("%s: %s %t", id, r, ok)
		}
	}
}

// identifier.rpps_malformed says how many digits there are; the key has a sentence of
// its own, and so have the other identifiers.
func TestRefusals(t *testing.T) {
	_, err := identifier.ParseRPPS("99 700 218 89")
	if !errors.Is(err, identifier.ErrRPPSMalformed) || fault.Of(err).Args["Digits"] != 10 || fault.Of(err).Kind != fault.Invalid {
		t.Errorf("%#v", err)
	}
	var f fault.Fields
	for at, refuse := range map[string]func(){
		"identifier.rpps_malformed":        func() { identifier.Check(&f, "identifier.rpps_malformed", "1", identifier.ParseRPPS) },
		"identifier.rpps_key":              func() { identifier.Check(&f, "identifier.rpps_key", "99700218897", identifier.ParseRPPS) },
		"identifier.adeli_malformed":       func() { identifier.Check(&f, "identifier.adeli_malformed", "1", identifier.ParseADELI) },
		"identifier.am_malformed":          func() { identifier.Check(&f, "identifier.am_malformed", "1", identifier.ParseAM) },
		"identifier.finess_malformed":      func() { identifier.Check(&f, "identifier.finess_malformed", "1", identifier.ParseFINESS) },
		"identifier.finess_key":            func() { identifier.Check(&f, "identifier.finess_key", "770816479", identifier.ParseFINESS) },
		"identifier.siren_malformed":       func() { identifier.Check(&f, "identifier.siren_malformed", "1", identifier.ParseSIREN) },
		"identifier.siren_key":             func() { identifier.Check(&f, "identifier.siren_key", "732829321", identifier.ParseSIREN) },
		"identifier.siret_malformed":       func() { identifier.Check(&f, "identifier.siret_malformed", "1", identifier.ParseSIRET) },
		"identifier.siret_key":             func() { identifier.Check(&f, "identifier.siret_key", "73282932000075", identifier.ParseSIRET) },
		"identifier.mssante_malformed":     func() { identifier.Check(&f, "identifier.mssante_malformed", "1", identifier.ParseMSSante) },
		"identifier.national_id_malformed": func() { identifier.Check(&f, "identifier.national_id_malformed", "7", identifier.ParseNationalID) },
		"identifier.phone_malformed":       func() { identifier.Check(&f, "identifier.phone_malformed", "1", identifier.ParsePhone) },
	} {
		if refuse(); !f.Has(at) {
			t.Errorf("%s is not refused", at)
		}
	}
	for _, x := range fault.Of(f.Err()).Fields {
		if x.Location != x.Code {
			t.Errorf("%s has the code %s", x.Location, x.Code)
		}
	}
	var none fault.Fields
	if v := identifier.Check(&none, "rpps", " \u00a0", identifier.ParseRPPS); v != "" || none.Err() != nil {
		t.Errorf("an empty field: %q, %v", v, none.Err())
	}
}
