package client

import (
	"context"
	"iter"
	"net/http"
)

// NomenclatureInfo is what a national nomenclature is.
type NomenclatureInfo struct {
	Name    string `json:"name"`
	Title   string `json:"title"`  // in French
	System  string `json:"system"` // its address; empty for one drawn from several
	Version string `json:"version"`
	Size    int    `json:"size"` // how many codes it has
}

// NationalCode is one code of a nomenclature.
type NationalCode struct {
	Code   string `json:"code"`
	Label  string `json:"label"` // in French
	System string `json:"system"`
}

// Nomenclature is one page of the codes of a nomenclature.
type Nomenclature struct {
	List[NationalCode]

	Nomenclature NomenclatureInfo `json:"nomenclature"`
}

// CodeQuery chooses codes of a nomenclature.
type CodeQuery struct {
	Paging

	Search string `query:"q"` // beginnings of the words of a label
}

// ListNomenclatures gives a page of the national nomenclatures.
func (c *Client) ListNomenclatures(ctx context.Context, p Paging) (List[NomenclatureInfo], error) {
	return call[List[NomenclatureInfo]](ctx, c, request{method: http.MethodGet, path: []string{"directory", "nomenclatures"}, query: p})
}

// GetNomenclature gives a page of the codes of a nomenclature: "R38", "J106".
func (c *Client) GetNomenclature(ctx context.Context, name string, q CodeQuery) (Nomenclature, error) {
	return call[Nomenclature](ctx, c, request{method: http.MethodGet, path: []string{"directory", "nomenclatures", name}, query: q})
}

// Codes goes through the codes of a nomenclature.
func (c *Client) Codes(ctx context.Context, name string, q CodeQuery) iter.Seq2[NationalCode, error] {
	return every(q.Paging, func(p Paging) (List[NationalCode], error) {
		q.Paging = p
		n, err := c.GetNomenclature(ctx, name, q)
		return n.List, err
	})
}
