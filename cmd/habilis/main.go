package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"habilis/internal/app"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	exitFound  = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run parses the command and carries it out.
func run(ctx context.Context, args []string, out, log io.Writer) int {
	var c commands
	path, err := configFile(args)
	if err != nil {
		fmt.Fprintln(log, "habilis:", err)
		return exitUsage
	}
	exited := false
	parser, err := kong.New(&c, kong.Name("habilis"), kong.UsageOnError(), kong.DefaultEnvars("HABILIS"), kong.Writers(out, log),
		kong.Description("Habilis administers who belongs to a care organisation, who they are, and what they may do. "+
			"Every flag is also a variable, HABILIS_…, and a key of the configuration file."),
		kong.Exit(func(int) { exited = true }), kong.Resolvers(fileResolver{path: path}), kong.Vars{"version": app.Version})
	if err != nil {
		fmt.Fprintln(log, "habilis:", err)
		return exitUsage
	}
	k, err := parser.Parse(args)
	if exited {
		return 0 // --help
	}
	if err != nil {
		fmt.Fprintln(log, "habilis:", err)
		fmt.Fprintln(log, "`habilis --help` lists the commands, `habilis COMMAND --help` their flags.")
		return exitUsage
	}
	return outcome(k.Run(&terminal{ctx: ctx, out: out, log: log}), log)
}

// outcome says what went wrong, each thing on a line, and chooses the exit code.
func outcome(err error, log io.Writer) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, app.ErrFound):
		return exitFound
	}
	fmt.Fprintln(log, "habilis:", err)
	return exitFailed
}

// terminal is where a command runs.
type terminal struct {
	ctx      context.Context //nolint:containedctx // kong hands commands one value
	out, log io.Writer
}

// commands is the command line.
type commands struct {
	Serve       serveCmd     `cmd:"" help:"Serve the pages and the API."`
	Migrate     migrateCmd   `cmd:"" help:"Make the database, or bring its schema up to date, without serving."`
	Admin       adminCmd     `cmd:"" help:"Administrators of the platform."`
	Token       tokenCmd     `cmd:"" help:"API tokens."`
	Keys        keysCmd      `cmd:"" help:"The keys that seal and sign."`
	Directory   directoryCmd `cmd:"" help:"The local index of the Annuaire Santé, the national directory of health professionals."`
	Backup      backupCmd    `cmd:"" help:"Write an encrypted backup, while the server runs."`
	Restore     restoreCmd   `cmd:"" help:"Fill an empty installation from a backup."`
	VerifyAudit verifyCmd    `cmd:"" name:"verify-audit" help:"Check that the audit trail was not tampered with."`
	Doctor      doctorCmd    `cmd:"" help:"Look at configuration, disk, keys, database and mail server."`
	Version     versionCmd   `cmd:"" help:"Print the version."`
}
