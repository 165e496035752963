package main

import (
	"cmp"
	"os"
	"strings"

	"habilis/internal/app"
	"habilis/internal/text"
)

type directoryCmd struct {
	Load   loadDirectoryCmd   `cmd:"" help:"Load the public files of the Annuaire Santé, even beside a server."`
	Status directoryStatusCmd `cmd:"" help:"Say what is loaded, of what date, and how far a load is."`

	Compare compareDirectoryCmd `cmd:"" help:"Compare members with the directory now, as each night, and raise alerts."`
	Confirm confirmDirectoryCmd `cmd:"" help:"Let the next comparison raise alerts although many members changed: the directory is right."`
}

type compareDirectoryCmd struct {
	file
	app.Place
}

// Run compares.
func (c *compareDirectoryCmd) Run(t *terminal) error {
	return app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.CompareDirectory{}, t.out)
}

type confirmDirectoryCmd struct {
	file
	app.Place
}

// Run confirms.
func (c *confirmDirectoryCmd) Run(t *terminal) error {
	return app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.ConfirmDirectory{}, t.out)
}

type loadDirectoryCmd struct {
	file
	app.Place
	Files         []string `arg:"" name:"file" help:"PS_LibreAcces_… of the Annuaire Santé: texts, .gz or their .zip." placeholder:"FILE"`
	Report        string   `help:"File to write the refused lines to; by default directory-rejects.csv in the data folder." placeholder:"FILE"`
	AcceptSmaller bool     `name:"accept-smaller" help:"Replace the index even by one with less than half as many practitioners."`
}

// Run loads.
func (c *loadDirectoryCmd) Run(t *terminal) error {
	return app.LoadDirectory(t.ctx, app.Config{Place: c.Place}, t.log, app.DirectoryLoad{
		Files: c.Files, Report: c.Report, Smaller: c.AcceptSmaller, Lang: terminalLang(),
	}, t.out)
}

type directoryStatusCmd struct {
	file
	app.Place
}

// Run tells.
func (c *directoryStatusCmd) Run(t *terminal) error {
	return app.DirectoryStatus(t.ctx, app.Config{Place: c.Place}, terminalLang(), t.out)
}

// terminalLang is the language of the terminal: French where its locale says so.
func terminalLang() text.Lang {
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
	if strings.HasPrefix(strings.ToLower(locale), "fr") {
		return text.FR
	}
	return text.EN
}
