// Command modelslab runs jobs of ModelsLab from the shell, one at a time or by
// the file, and serves programs that are being written: an emulator of the API
// and webhooks on this machine.
//
//	modelslab run text2img model_id=flux prompt="a lighthouse" init_image=@house.png --save out
//
// modelslab -h lists the commands; each says with -h what it does. The API key
// is read from MODELSLAB_API_KEY, and goes nowhere but to the API.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// grammar is what the command line may say.
type grammar struct {
	Run       runCommand       `cmd:"" help:"Submit a job and wait for its results."`
	Wait      waitCommand      `cmd:"" help:"Wait for a job that was submitted."`
	Fetch     fetchCommand     `cmd:"" help:"Print where a job stands."`
	Save      saveCommand      `cmd:"" help:"Save the results of a job."`
	Batch     batchCommand     `cmd:"" help:"Run a file of requests, and make a gallery of the results."`
	Balance   balanceCommand   `cmd:"" help:"Print what is left in the wallet."`
	Models    modelsCommand    `cmd:"" help:"Find models."`
	Endpoints endpointsCommand `cmd:"" help:"List the operations, or the parameters of one."`
	Emulator  emulatorCommand  `cmd:"" help:"Serve the API on this machine, for programs in any language."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// program is the command apart from its process.
type program struct {
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// An exit is a panic of kong's help flag, which must end the run.
type exit int

// run does what the arguments say and returns the exit code of the process.
func (p *program) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if e, ok := recover().(exit); ok {
			code = int(e)
		}
	}()
	parser, err := kong.New(&grammar{},
		kong.Name("modelslab"),
		kong.Description("Runs jobs of ModelsLab from the shell, and helps to develop programs that do."),
		kong.Writers(p.out, p.err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
	)
	if err != nil {
		return p.fail(err)
	}
	line, err := parser.Parse(args)
	if err != nil {
		return p.fail(usageError{scattered(err)})
	}
	return p.fail(line.Run())
}

// scattered explains the error of parameters with a flag between them, and
// leaves their values out of it.
func scattered(err error) error {
	const stray = "unexpected argument "
	if name, _, ok := strings.Cut(err.Error(), "="); ok && strings.HasPrefix(name, stray) {
		return fmt.Errorf("%s: parameters stand together, with no flag between them", name)
	}
	return err
}

// usageError is a command line that cannot be carried out.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// interruptedError is a command that was ended by a signal.
type interruptedError struct {
	error

	hint string // how to go on
}

func (e interruptedError) Unwrap() error { return e.error }

// fail says why a command ended, and returns the exit code for it.
func (p *program) fail(err error) int {
	if err == nil {
		return 0
	}
	if stopped, ok := errors.AsType[interruptedError](err); ok {
		fmt.Fprintln(p.err, stopped.hint)
		return exitInterrupted
	}
	fmt.Fprintln(p.err, "modelslab:", err)
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}
