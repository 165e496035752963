package apptest_test

import (
	"bytes"
	"context"
	"image/jpeg"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/papertest"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// files is an organisation in which somebody registered, and both doors to their papers.
type files struct {
	*cluster

	org    apptest.Org
	of     ident.Member
	person ident.Account
	chief  *apptest.Client // certifies, in a browser
	token  *apptest.Client // certifies, as a program
	papers string          // address of the papers, under either door
}

func eachFiles(t *testing.T, fn func(t *testing.T, f *files)) {
	o := apptest.Options{Config: func(c *app.Config) { c.ClamAV = papertest.Scanner(t, papertest.Verdict) }}
	eachClusterWith(t, o, func(t *testing.T, c *cluster) {
		f := &files{cluster: c, org: c.NewOrg("CPTS des Essais", "claire.morvan@cpts.example")}
		f.of, f.person = f.registrant("linh.nguyen@cpts.example")
		f.chief, f.token = c.SignIn(f.org.Admin.Email), c.Token(f.org)
		f.papers = "/dossiers/" + ident.DossierOf(f.of).String() + "/documents"
		fn(t, f)
	})
}

// registrant is somebody whose file waits, with an account that waits too.
func (f *files) registrant(email string) (of ident.Member, person ident.Account) {
	f.t.Helper()
	f.write(func(tx *store.Tx) error {
		ctx := context.Background()
		address, _ := account.ParseEmail(email)
		a, err := account.Insert(ctx, tx, account.New{Email: address, Names: account.Names{GivenName: "Linh", FamilyName: "Nguyen"}, Language: "fr", Status: account.Pending})
		if err != nil {
			return err
		}
		m, err := member.Insert(ctx, tx, member.New{
			Org: f.org.ID, Account: a.ID, Status: member.Created, Verification: member.Unchecked, GivenName: "Linh", FamilyName: "Nguyen",
			Email: email, Function: "midwife", Sites: []ident.Site{f.org.Site},
		})
		of, person = m.ID, a.ID
		return err
	})
	return of, person
}

// send sends a paper by the API.
func (f *files) send(who *apptest.Client, name string, data []byte) apptest.Answer {
	f.t.Helper()
	return who.Do(http.MethodPost, rest(f.org, f.papers)+"?kind=card&name="+url.QueryEscape(name), bytes.NewReader(data),
		http.Header{"Content-Type": {"application/octet-stream"}, "Origin": {f.URL}, "Sec-Fetch-Site": {"same-origin"}})
}

// fill sends a paper by the form of the page, as a browser writes it.
func (f *files) fill(who *apptest.Client, name string, data []byte) apptest.Answer {
	f.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("kind", "card")
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": name}))
	h.Set("Content-Type", "application/pdf")
	part, err := w.CreatePart(h)
	if err != nil {
		f.t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = w.Close()
	return who.Do(http.MethodPost, page(f.org, f.papers), &b,
		http.Header{"Content-Type": {w.FormDataContentType()}, "Origin": {f.URL}, "Sec-Fetch-Site": {"same-origin"}})
}

// documents are those of the file.
func (f *files) documents() []struct{ ID, Name, Scan string } {
	f.t.Helper()
	var l struct {
		Items []struct{ ID, Name, Scan string }
	}
	f.want(f.token.Get(rest(f.org, f.papers)), http.StatusOK, "").JSON(f.t, &l)
	return l.Items
}

// FIL-01, FIL-05: whatever is not a real PDF, JPEG or PNG is refused with words, by both
// doors, whatever it is called; and nothing of it is kept.
func TestFIL01(t *testing.T) {
	eachFiles(t, func(t *testing.T, f *files) {
		pdf := papertest.PDF("")
		for name, c := range map[string]struct {
			data []byte
			code string
		}{
			"carte.svg":         {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "paper.type"},
			"carte.pdf":         {[]byte("<!doctype html><script>alert(1)</script>"), "paper.type"},
			"page.PDF.html":     {append([]byte("<html>"), pdf...), "paper.type"},
			"gifar.gif":         {[]byte("GIF89a\x01\x00\x01\x00PK\x03\x04"), "paper.type"},
			"archive.pdf":       {append(bytes.Clone(pdf), "PK\x03\x04"...), "paper.damaged"},
			"cut.pdf":           {pdf[:len(pdf)-20], "paper.damaged"},
			"script.pdf":        {papertest.PDF("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "paper.active"},
			"inside.pdf":        {papertest.PDF("/Names << /EmbeddedFiles 4 0 R >>"), "paper.active"},
			"locked.pdf":        {papertest.PDF("/Encrypt 5 0 R"), "paper.protected"},
			"cut.jpg":           {papertest.JPEG(t, 400, 300)[:500], "paper.damaged"},
			"60 megapixels.png": {papertest.HugePNG(10_000, 6000), "paper.pixels"},
			"bomb.png":          {papertest.HugePNG(50_000, 50_000), "paper.pixels"},
			"empty.pdf":         {[]byte{}, "paper.empty"},
			"virus.pdf":         {papertest.PDF("%" + papertest.Eicar + "\n"), "paper.infected"},
		} {
			if name != "empty.pdf" { // the API says that a body is required
				f.want(f.send(f.token, name, c.data), http.StatusUnprocessableEntity, c.code)
			}
			a := f.want(f.fill(f.chief, name, c.data), http.StatusUnprocessableEntity, "")
			if words := f.said("fault." + c.code); !strings.Contains(a.Body, words) {
				t.Errorf("%s: the page does not say «%s»", name, words)
			}
		}
		none := f.want(f.fill(f.chief, "", nil), http.StatusUnprocessableEntity, "")
		if !strings.Contains(none.Body, f.said("fault.document.no_file")) { // document.no_file
			t.Error("the page does not ask for a file")
		}
		large := f.send(f.token, "large.pdf", make([]byte, paper.MaxBytes+1))
		f.want(large, http.StatusRequestEntityTooLarge, "paper.too_large")
		for _, size := range []int{paper.MaxBytes + 1, 2 * paper.MaxBytes} {
			a := f.want(f.fill(f.chief, "large.pdf", make([]byte, size)), http.StatusRequestEntityTooLarge, "")
			if !strings.Contains(a.Body, "10 Mo") {
				t.Error("the page does not say how large a paper may be")
			}
		}
		if n := f.rows(`select count(*) from document`) + f.rows(`select count(*) from file`) + f.rows(`select count(*) from file_chunk`); n != 0 {
			t.Errorf("%d rows are kept", n)
		}
		if n := f.rows(`select count(*) from audit_event where verb = 'document.add' and code = 'paper.infected'`); n != 2 {
			t.Errorf("%d infected papers in the trail", n)
		}
		f.want(f.fill(f.chief, "carte.html", pdf), http.StatusSeeOther, "")
		f.want(f.send(f.token, "carte.html", papertest.PNG(t, 40, 30)), http.StatusCreated, "")
		if got := f.documents(); len(got) != 2 || got[0].Name != "carte.pdf" || got[1].Name != "carte.png" || got[0].Scan != "clean" {
			t.Errorf("%+v", got)
		}
	})
}

// FIL-02: a name is no path, no header and no page.
func TestFIL02(t *testing.T) {
	eachFiles(t, func(t *testing.T, f *files) {
		for i, name := range []string{
			"../../etc/passwd", `C:\Users\ines\carte.pdf`, "a\x00b.pdf", "x\r\nSet-Cookie: a=b.pdf", "\u202egpj.exe", `"; filename=x.html`,
			strings.Repeat("é", 120), `<script>alert(1)</script>.pdf`,
		} {
			data := papertest.PDF("/N (" + string(rune('a'+i)) + ")")
			a := f.send(f.token, name, data)
			if strings.ContainsAny(name, "\x00\r\n") { // no parameter holds a control character
				f.want(a, http.StatusBadRequest, "")
				a = f.fill(f.chief, name, data)
				f.want(a, http.StatusSeeOther, "")
			} else {
				f.want(a, http.StatusCreated, "")
			}
			for _, d := range f.documents() {
				if !strings.HasSuffix(d.Name, ".pdf") || strings.ContainsAny(d.Name, "/\\\"\r\n\x00<>;:\u202e") || len([]rune(d.Name)) > paper.MaxName+4 {
					t.Errorf("%q is called %q", name, d.Name)
				}
				a := f.want(f.token.Get(rest(f.org, f.papers)+"/"+d.ID), http.StatusOK, "")
				kind, params, err := mime.ParseMediaType(a.Header.Get("Content-Disposition"))
				if err != nil || kind != "attachment" || params["filename"] != d.Name || a.Header.Get("Set-Cookie") != "" {
					t.Errorf("%q: %v", name, a.Header)
				}
				f.want(f.chief.Call(http.MethodDelete, "/api/v1/organizations/"+f.org.ID.String()+f.papers+"/"+d.ID, nil), http.StatusNoContent, "")
			}
		}
	})
}

// FIL-03: nobody else finds a paper, by either door, whatever address they know; and who
// opened it is recorded and shown. It is served so that nothing of it can act.
func TestFIL03(t *testing.T) {
	eachFiles(t, func(t *testing.T, f *files) {
		f.want(f.fill(f.chief, "carte.pdf", papertest.PDF("")), http.StatusSeeOther, "")
		doc := f.papers + "/" + f.documents()[0].ID
		second, _ := f.registrant("odile.petit@cpts.example")
		other := f.NewOrg("Cabinet du Port", "yann.legall@port.example")
		julie := f.NewMember(f.org, "julie.delmas@cpts.example", role.Secretary, siteOf(f.org))
		outsiders := map[string]*apptest.Client{"of another organisation": f.SignIn(other.Admin.Email), "its token": f.Token(other)}
		for name, who := range outsiders {
			f.want(who.Get(rest(f.org, doc)), http.StatusNotFound, "access.not_found")
			f.want(who.Get(rest(other, doc)), http.StatusNotFound, "")
			f.want(who.Get(rest(f.org, f.papers)), http.StatusNotFound, "access.not_found")
			f.want(f.send(who, "x.pdf", papertest.PDF("/N (x)")), http.StatusNotFound, "access.not_found")
			f.want(who.Call(http.MethodDelete, rest(f.org, doc), nil), http.StatusNotFound, "access.not_found")
			if name == "its token" {
				continue
			}
			for _, path := range []string{"", "/file", "/view", "/remove"} {
				f.want(who.Get(page(f.org, doc+path)), http.StatusNotFound, "")
			}
			f.want(who.Get("/platform"+strings.Replace(doc, "/dossiers", "/dossiers/"+f.org.ID.String(), 1)+"/file"), http.StatusNotFound, "")
		}
		colleague := f.SignIn(julie.Email)
		for _, path := range []string{"", "/file", "/view", "/remove"} {
			if a := colleague.Get(page(f.org, doc+path)); a.Status != http.StatusForbidden && a.Status != http.StatusNotFound {
				t.Errorf("a colleague sees %s: %d", path, a.Status)
			}
		}
		f.want(f.Browser().Get(page(f.org, doc+"/file")), http.StatusSeeOther, "")
		wrong := strings.Replace(doc, ident.DossierOf(f.of).String(), ident.DossierOf(second).String(), 1)
		f.want(f.chief.Get(page(f.org, wrong+"/file")), http.StatusNotFound, "")
		f.want(f.token.Get(rest(f.org, wrong)), http.StatusNotFound, "document.not_found")
		looks := `select count(*) from audit_event where verb = 'document.look' and outcome = 'done'`
		if n := f.rows(looks); n != 0 {
			t.Errorf("%d looks are recorded, nobody looked", n)
		}
		for _, c := range []struct{ door, disposition string }{
			{page(f.org, doc+"/file"), "attachment"}, {page(f.org, doc+"/view"), "inline"},
		} {
			a := f.want(f.chief.Get(c.door), http.StatusOK, "")
			policy := a.Header.Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "sandbox; default-src 'none'") || !strings.HasPrefix(a.Header.Get("Content-Disposition"), c.disposition) ||
				a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Content-Type") != "application/pdf" {
				t.Errorf("%s: %v", c.door, a.Header)
			}
		}
		if n := f.rows(looks); n != 2 {
			t.Errorf("%d looks are recorded", n)
		}
		a := f.want(f.chief.Get(page(f.org, f.papers)), http.StatusOK, "")
		if !strings.Contains(a.Body, "Vue par Claire Morvan") {
			t.Error("the page does not say who looked")
		}
	})
}

// FIL-06: nothing of a photograph is kept but the picture.
func TestFIL06(t *testing.T) {
	eachFiles(t, func(t *testing.T, f *files) {
		f.want(f.fill(f.chief, "IMG_2041.JPG", papertest.WithExif(papertest.JPEG(t, 60, 40), 6, "GPSLatitude 48.8566 Canon EOS")), http.StatusSeeOther, "")
		d := f.documents()[0]
		a := f.want(f.chief.Get(page(f.org, f.papers+"/"+d.ID+"/file")), http.StatusOK, "")
		for _, secret := range []string{"GPS", "Canon", "Exif"} {
			if strings.Contains(a.Body, secret) {
				t.Errorf("%s is kept", secret)
			}
		}
		m, err := jpeg.Decode(strings.NewReader(a.Body))
		if err != nil || m.Bounds().Dx() != 40 || m.Bounds().Dy() != 60 {
			t.Errorf("%v, %v", m.Bounds(), err)
		}
	})
}

// FIL-07: as many days after the decision as the organisation says, a paper is gone for both
// doors; its hash and its line in the trail stay.
func TestFIL07(t *testing.T) {
	eachFiles(t, func(t *testing.T, f *files) {
		f.want(f.token.Call(http.MethodPatch, rest(f.org, "/settings/documents"), map[string]any{"keep_days": 10}, "If-Match", `"0"`), http.StatusOK, "")
		f.want(f.send(f.token, "carte.pdf", papertest.PDF("")), http.StatusCreated, "")
		d := f.documents()[0]
		f.write(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `update document set purge_at = $1`, tx.Now.Add(10*24*time.Hour))
			return err
		})
		f.want(f.token.Call(http.MethodDelete, rest(f.org, f.papers+"/"+d.ID), nil), http.StatusConflict, "document.decided")
		f.Clock.Add(10*24*time.Hour + time.Minute)
		if err := f.App.Documents.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.want(f.token.Get(rest(f.org, f.papers+"/"+d.ID)), http.StatusGone, "document.gone")
		if got := f.documents(); len(got) != 1 || got[0].Scan != string(dossier.DocumentPurged) || f.rows(`select count(*) from file_chunk`) != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// said is a sentence of the catalogue, as a page writes it, up to its first variable.
func (f *files) said(key string) string {
	f.t.Helper()
	m, ok := text.Raw(text.FR, key)
	if !ok {
		f.t.Fatal(key)
	}
	words, _, _ := strings.Cut(m.Other, "{{")
	return strings.TrimSpace(words)
}

// siteOf is the scope of an organisation's first site.
func siteOf(o apptest.Org) access.Scope { return access.SiteScope(o.ID, o.Site) }
