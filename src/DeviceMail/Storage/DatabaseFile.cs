using System.Reflection;
using Microsoft.Data.Sqlite;

namespace DeviceMail.Storage;

/// <summary>Opens an SQLite file the way this program trusts it, and brings its schema up to date.</summary>
internal static class DatabaseFile
{
    /// <summary>
    /// WAL with synchronous FULL: a commit that returned survives a power cut (NORMAL loses those since the last checkpoint).
    /// Checkpoints are the writer's own business, so that no commit waits for one by surprise.
    /// </summary>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 10 }.ToString());
        try
        {
            // Only for a file that is still empty: on one that is there, auto_vacuum alone would write a page at every opening.
            var isNew = new FileInfo(path) is not { Exists: true, Length: > 0 };
            connection.Open();
            if (isNew) Run(connection, "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL");
            Run(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                + "PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs the schema scripts that the file has not seen, each in one transaction, after a copy of the file was made.
    /// </summary>
    /// <exception cref="StartRefusedException">The file is damaged, in use, or written by a newer version.</exception>
    public static void BringUpToDate(string path, string scripts)
    {
        try
        {
            using var connection = Open(path);
            var found = (int)Scalar(connection, "PRAGMA user_version");
            var wanted = Scripts(scripts);
            if (found > wanted.Count)
                throw new StartRefusedException($"{path} was written by a newer DeviceMail (schema {found}, this program knows {wanted.Count}). Install that version again, or restore the copy made before the upgrade.");
            if (found is not 0 && found < wanted.Count) Copy(connection, $"{path}.before-schema-{wanted.Count}");
            for (var version = found; version < wanted.Count; version++)
            {
                using var transaction = connection.BeginTransaction();
                Run(connection, wanted[version] + $"; PRAGMA user_version={version + 1}", transaction);
                transaction.Commit();
            }
        }
        catch (SqliteException fault)
        {
            throw Refused(path, fault);
        }
    }

    /// <summary>An earlier copy of that name, whole or not, makes room for this one.</summary>
    private static void Copy(SqliteConnection connection, string path)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        Run(connection, $"VACUUM INTO '{fresh.Replace("'", "''", StringComparison.Ordinal)}'");
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Why the program cannot start with this file.</summary>
    public static StartRefusedException Refused(string path, SqliteException fault) => new(Explain(path, fault));

    public static StorageFailedException Failed(SqliteException fault)
    {
        const int full = 13;
        return new StorageFailedException(fault.SqliteErrorCode == full ? StorageFailure.DiskFull : StorageFailure.Broken, fault.Message, fault);
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public static void Run(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private static List<string> Scripts(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.Contains($".{folder}.", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new StreamReader(assembly.GetManifestResourceStream(name)!).ReadToEnd())];
    }

    private static string Explain(string path, SqliteException fault) => fault.SqliteErrorCode switch
    {
        5 or 6 => $"{path} is locked by another program. Stop that program and start again.",
        8 or 14 => $"{path} cannot be written ({fault.Message}). Give this user the right to write in that folder.",
        10 => $"The disk refuses to read or write {path} ({fault.Message}). Check the disk.",
        11 or 26 => $"{path} is damaged ({fault.Message}). Move it away and restore a backup; bodies of large mails are still in the spool folder beside it.",
        13 => $"No space is left for {path}. Free some space and start again.",
        _ => $"{path} cannot be opened ({fault.Message}).",
    };
}
