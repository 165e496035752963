package sheet

import (
	"bufio"
	"errors"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"

	"habilis/internal/text"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Known reports whether it is one of them.
func (f Format) Known() bool { return f == CSV || f == XLSX }

// ContentType is the type of such a file.
func (f Format) ContentType() string {
	if f == CSV {
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
}

// File is a file to be written.
type File struct {
	Format Format
	Name   string   // of the sheet of a workbook
	Titles []string // of the columns
}

// columnWidth is that of the columns of a workbook, in characters.
const columnWidth = 24

// Put takes some lines.
type Put func(rows [][]string) error

// Write writes the lines that each gives, a part at a time, to w; flush, unless it is nil, is
// called after each part of a CSV file. A workbook is whole at its end only.
func (f File) Write(w io.Writer, flush func() error, each func(Put) error) error {
	if f.Format == XLSX {
		return f.workbook(w, each)
	}
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(text.ByteOrderMark) // bufio keeps the error
	if err := text.CSVRow(out, f.Titles); err != nil {
		return err
	}
	err := each(func(rows [][]string) error {
		for _, r := range rows {
			if err := text.CSVRow(out, r); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil || flush == nil {
			return err
		}
		return flush()
	})
	return errors.Join(err, out.Flush())
}

func (f File) workbook(w io.Writer, each func(Put) error) error {
	book := excelize.NewFile()
	err := f.fill(book, each)
	if err == nil {
		err = book.Write(w)
	}
	return errors.Join(err, book.Close())
}

func (f File) fill(book *excelize.File, each func(Put) error) error {
	if err := book.SetSheetName("Sheet1", f.Name); err != nil {
		return err
	}
	out, err := book.NewStreamWriter(f.Name)
	if err != nil {
		return err
	}
	line := 0
	put := func(rows [][]string) error {
		for _, cells := range rows {
			line++
			row := make([]any, len(cells))
			for n, c := range cells {
				row[n] = text.Harmless(c)
			}
			if err := out.SetRow("A"+strconv.Itoa(line), row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := errors.Join(out.SetColWidth(1, len(f.Titles), columnWidth), put([][]string{f.Titles})); err != nil {
		return err
	}
	return errors.Join(each(put), out.Flush())
}
