package api_test

import (
	"bytes"
	"io"
	"testing"

	rest "habilis/client"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/papertest"
	"habilis/internal/store"
)

// VER-3, rest.md: a program adds a paper to a file, reads the list and the bytes, and removes
// it; what it may send, and say of it, is what the description says.
func TestDocumentsByClient(t *testing.T) {
	each(t, func(w *world) {
		org, err := ident.ParseOrg(w.a)
		if err != nil {
			t.Fatal(err)
		}
		site, err := ident.ParseSite(w.a1)
		if err != nil {
			t.Fatal(err)
		}
		var m member.Member
		if err := w.db.Write(t.Context(), []store.Lock{store.Lock(org)}, func(tx *store.Tx) (err error) {
			m, err = member.Insert(t.Context(), tx, member.New{
				Org: org, Status: member.Created, Verification: member.Unchecked, GivenName: "Linh", FamilyName: "Nguyen", Sites: []ident.Site{site},
			})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		c, dos, data := w.bruno.rest(), ident.DossierOf(m.ID).String(), papertest.LargePDF(300_000)
		d, err := c.AddDocument(t.Context(), w.a, dos, rest.DocumentAbout{Kind: "card", Name: "carte CPS.pdf"}, data)
		if err != nil || d.Name != "carte CPS.pdf" || d.Scan != "unscanned" || d.Bytes != 300_000 || d.Dossier != dos || d.Own {
			t.Fatalf("%+v, %v", d, err)
		}
		file, err := c.GetDocument(t.Context(), w.a, dos, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(file)
		if err != nil || file.Close() != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		list, err := c.ListDocuments(t.Context(), w.a, dos, rest.Paging{})
		if err != nil || list.Total != 1 || len(list.Items[0].Looks) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
		if err := c.RemoveDocument(t.Context(), w.a, dos, d.ID); err != nil {
			t.Error(err)
		}
		s, err := c.GetDocumentSettings(t.Context(), w.a)
		if err != nil || s.KeepDays != 90 || len(s.Checklist["10"]) != 2 {
			t.Errorf("%+v, %v", s, err)
		}
		days := int64(30)
		s, err = c.EditDocumentSettings(t.Context(), w.a, s.Version, rest.DocumentSettingsChange{KeepDays: &days, Checklist: map[string][]string{"10": {"diploma"}}})
		if err != nil || s.KeepDays != 30 || len(s.Checklist["10"]) != 1 || len(s.Checklist["others"]) != 2 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
