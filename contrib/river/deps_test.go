package river_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who has PostgreSQL must neither link nor download SQLite.
func TestNoSQLite(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "./...")
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	packages, err := cmd.Output()
	require.NoError(t, err)
	modules, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	for _, list := range []string{string(packages), string(modules)} {
		require.Contains(t, list, "github.com/jackc/pgx/v5")
		require.NotContains(t, strings.ToLower(list), "sqlite")
	}
}
