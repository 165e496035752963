package privacy_test

import (
	"context"
	"slices"
	"testing"

	"habilis/internal/privacy"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// AUD-4: everything that the database can hold stands in the register, once, with its words.
func TestRegisterNamesEveryTable(t *testing.T) {
	in := map[string][]string{}
	for code, tables := range privacy.RegisterTables() {
		for _, table := range tables {
			in[table] = append(in[table], code)
		}
		for _, lang := range []text.Lang{text.FR, text.EN} {
			for _, part := range []string{"name", "purpose", "kept"} {
				if key := "register." + code + "." + part; !text.For(lang).Has(key) {
					t.Errorf("%s: %s is missing", lang, key)
				}
			}
		}
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var all []string
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			list, err := store.Tables(context.Background(), tx)
			for _, table := range list {
				all = append(all, table.Name)
			}
			return err
		})
		if err != nil || len(all) < 100 {
			t.Fatal(len(all), err)
		}
		for _, table := range all {
			if len(in[table]) != 1 {
				t.Errorf("table %s stands in the entries %v: one is meant (internal/privacy/register.go)", table, in[table])
			}
		}
		for table := range in {
			if !slices.Contains(all, table) {
				t.Errorf("the register names table %s, which there is not", table)
			}
		}
	})
}

// AUD-4, AUD-04, AUZ-06: each reader sees what is theirs to see: the counts of the organisation, never
// those of others; who administers a site sees nothing.
func TestRegister(t *testing.T) {
	eachPlace(t, func(p *place) {
		p.act(p.a, "login.sign_in")
		p.act(p.b, "login.sign_in")
		_, err := p.keeps.Set(p.Context(), p.as("claire"), p.a, 0, map[setting.RetentionKind]int64{setting.KeepSecurityLog: 7})
		p.must(err)
		rows, err := p.keeps.Register(p.Context(), p.as("claire"), p.a)
		p.must(err)
		seen := map[string]privacy.RegisterRow{}
		for _, r := range rows {
			seen[r.Code] = r
			if (r.Count < 0) != (r.Keeper == privacy.KeptByInstallation) {
				p.Errorf("%s: %d rows are told", r.Code, r.Count)
			}
		}
		if r := seen["members"]; r.Count != 4 || r.Oldest.IsZero() {
			p.Errorf("members: %+v", r)
		}
		if r := seen["security_log"]; r.Count != 1 || r.Keeps != 7 || r.Unit != setting.Months || r.Oldest.IsZero() {
			p.Errorf("security log: %+v", r)
		}
		if r := seen["papers"]; r.Keeps != setting.DefaultKeepDays || r.Count != 0 || !r.Oldest.IsZero() {
			p.Errorf("papers: %+v", r)
		}
		for _, who := range []string{"tina", "paul"} {
			if _, err := p.keeps.Register(p.Context(), p.as(who), p.a); codeOf(err) != "access.forbidden" {
				p.Errorf("%s: %v", who, err)
			}
		}
		if _, err := p.keeps.Register(p.Context(), p.as("odile"), p.a); codeOf(err) != "access.not_found" {
			p.Errorf("odile: %v", err)
		}
		if _, err := p.keeps.InstallationRegister(p.Context(), p.as("claire")); codeOf(err) != "access.not_found" {
			p.Errorf("of the installation: %v", err)
		}
		p.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update account_state set platform_role = 'administrator' where account_id = $1`, p.account["odile"])
			return err
		})
		rows, err = p.keeps.InstallationRegister(p.Context(), p.as("odile"))
		p.must(err)
		for _, r := range rows {
			if r.Count < 0 || (r.Code == "members" && r.Count != 6) || (r.Code == "accounts" && r.Count != 5) {
				p.Errorf("of the installation, %s: %+v", r.Code, r)
			}
		}
	})
}
