package demo

import (
	"strconv"

	"habilis/internal/access"
	"habilis/internal/dossier"
	"habilis/internal/paper"
)

// papers gives the file of somebody the first of those that are asked, from themself.
func (l *loader) papers(v dossier.Registration) error {
	by := access.Actor{Kind: access.Person, Account: v.Account, Name: v.Names.GivenName + " " + v.Names.FamilyName, Via: "demo"}
	_, err := l.app.Documents.Add(l.ctx, by, v.Org, v.Member, dossier.NewDocument{
		Kind: paper.Card, Name: "carte CPS.pdf", Data: specimen("Carte professionnelle - SPECIMEN - " + by.Name),
	})
	return err
}

// specimen is a PDF of one page with a line of text.
func specimen(text string) []byte {
	draw := "0.9 0.95 0.93 rg 20 20 440 260 re f 0.1 0.25 0.2 rg BT /F1 15 Tf 40 150 Td (" + text + ") Tj ET"
	return []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n" +
		"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 480 300] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 " +
		"/BaseFont /Helvetica >> >> >> >>\nendobj\n4 0 obj\n<< /Length " + strconv.Itoa(len(draw)) + " >>\nstream\n" + draw + "\nendstream\nendobj\n" +
		"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")
}
