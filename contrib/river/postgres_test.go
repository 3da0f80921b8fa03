package river_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// postgres is a server of the tests' own, on a socket in a folder that goes.
type postgres struct {
	dir   string
	bin   string
	fsync string // "off" is enough where only processes are killed
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

var server *postgres

// startPostgres makes a cluster and starts it, as another user where we are
// root: PostgreSQL refuses to run as root.
func startPostgres(fsync string) (*postgres, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mlpg")
	if err != nil {
		return nil, err
	}
	p := &postgres{dir: dir, bin: bin, fsync: fsync}
	if err := giveToServer(dir); err != nil {
		return nil, err
	}
	initdb := p.command("initdb", "-D", filepath.Join(dir, "data"), "-U", "modelslab", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	return p, p.start()
}

// findPostgres returns the folder of the server's programs.
func findPostgres() (string, error) {
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/postgres", "/usr/local/bin/postgres", "/opt/homebrew/opt/postgresql*/bin/postgres"} {
		matches, _ := filepath.Glob(pattern)
		found = append(found, matches...)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	for _, path := range found {
		dir := filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no PostgreSQL server found: install the package postgresql, or run .ci/setup")
}

func (p *postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	runAsServer(cmd)
	return cmd
}

// start starts the server below a process that ends it when our end of a pipe
// closes, so that it does not outlive a test that is killed.
func (p *postgres) start() error {
	return p.keep("postgres", "-D", filepath.Join(p.dir, "data"), "-k", p.dir,
		"-c", "listen_addresses=", "-c", "max_connections=300", "-c", "fsync="+p.fsync, "-c", "shared_buffers=64MB", "-c", "logging_collector=off",
		"-c", "log_min_messages=fatal")
}

func (p *postgres) keep(name string, args ...string) error {
	text, err := json.Marshal(p.command(name, args...).Args)
	if err != nil {
		return err
	}
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Dir = p.dir
	p.cmd.Env = append(os.Environ(), keeperEnv+"="+string(text))
	p.cmd.Stderr = os.Stderr
	detach(p.cmd)
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	return p.await()
}

// keeperEnv carries the server's command line to the process that keeps it.
const keeperEnv = "RIVER_TEST_POSTGRES"

// keep runs a server until standard input ends. When that ends without a word
// the test was killed, and the server's folder goes too.
func keep(text string) error {
	var args []string
	if err := json.Unmarshal([]byte(text), &args); err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	cmd := (&postgres{dir: dir, bin: filepath.Dir(args[0])}).command(filepath.Base(args[0]), args[1:]...)
	if err := cmd.Start(); err != nil {
		return err
	}
	word, err := io.ReadAll(os.Stdin)
	_ = cmd.Process.Signal(syscall.SIGQUIT) // immediate shutdown: recovery at the next start
	_ = cmd.Wait()
	if err == nil && len(word) == 0 {
		return os.RemoveAll(dir)
	}
	return err
}

// kill ends the server as a power cut would.
func (p *postgres) kill() {
	_, _ = io.WriteString(p.stdin, "stop")
	_ = p.stdin.Close()
	_ = p.cmd.Wait()
}

func (p *postgres) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		pool, err := pgxpool.New(ctx, p.url("postgres", ""))
		if err != nil {
			return err
		}
		err = pool.Ping(ctx)
		pool.Close()
		if err == nil {
			return nil
		}
		timer := time.NewTimer(50 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not start: %w", err)
		}
	}
}

func (p *postgres) restart() error {
	p.kill()
	return p.start()
}

func (p *postgres) stop() {
	p.kill()
	_ = os.RemoveAll(p.dir)
}

func (p *postgres) url(database, schema string) string {
	u := fmt.Sprintf("postgres:///%s?host=%s&user=modelslab", database, p.dir)
	if schema != "" {
		u += "&search_path=" + schema
	}
	return u
}

var schemas atomic.Int64

// newSchema returns the URL of an empty schema.
func newSchema(t testing.TB) string {
	t.Helper()
	name := fmt.Sprint("s", schemas.Add(1))
	admin := open(t, server.url("postgres", ""))
	_, err := admin.Exec(t.Context(), "CREATE SCHEMA "+name)
	require.NoError(t, err)
	admin.Close()
	return server.url("postgres", name)
}

func open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := newPool(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func newPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	if !strings.Contains(url, "pool_max_conns") {
		url += "&pool_max_conns=12"
	}
	return pgxpool.New(ctx, url)
}
