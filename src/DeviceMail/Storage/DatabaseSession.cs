using Microsoft.Data.Sqlite;

namespace DeviceMail.Storage;

/// <summary>
/// SQL on one connection, with its statements kept prepared. Values stand in the text as @1, @2 and so on. A session is used
/// by one caller at a time and does not outlive the call it was given for.
/// </summary>
public sealed class DatabaseSession : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    internal DatabaseSession(SqliteConnection connection) => Connection = connection;

    internal SqliteConnection Connection { get; }

    internal SqliteTransaction? Transaction { get; set; }

    /// <summary>Runs a statement and returns the number of rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    public List<T> Query<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = Prepare(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(new Row(reader)));
        return rows;
    }

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    public T? First<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values)
    {
        using var reader = Prepare(sql, values).ExecuteReader();
        return reader.Read() ? read(new Row(reader)) : default;
    }

    /// <summary>The id that the last INSERT gave its row.</summary>
    public long LastId => First("SELECT last_insert_rowid()", row => row.Long(0));

    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        Connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"@{i}" });
            _prepared.Add(sql, command);
        }
        command.Transaction = Transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}

/// <summary>One row of an answer; columns are counted from 0.</summary>
public readonly struct Row
{
    private readonly SqliteDataReader _reader;

    internal Row(SqliteDataReader reader) => _reader = reader;

    public bool IsNull(int column) => _reader.IsDBNull(column);

    public long Long(int column) => _reader.GetInt64(column);

    public int Int(int column) => _reader.GetInt32(column);

    public bool Flag(int column) => _reader.GetInt64(column) != 0;

    public string Text(int column) => _reader.GetString(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

    public byte[] Bytes(int column) => _reader.GetFieldValue<byte[]>(column);

    /// <summary>A moment stored as UTC milliseconds since 1970.</summary>
    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Long(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);
}
