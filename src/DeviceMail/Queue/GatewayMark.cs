using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>What this gateway writes in its Received fields to know them again: a loop is three of its own (RFC 5321 6.3).</summary>
public sealed class GatewayMark
{
    private const string Name = "gateway.mark";

    public GatewayMark(Database database) =>
        Text = database.Read(session => session.First("SELECT value FROM setting WHERE name = @1", row => row.Text(0), Name)) ?? Make(database);

    public string Text { get; }

    private static string Make(Database database)
    {
        var fresh = $"(DeviceMail {Guid.NewGuid():N})";
        return database.WriteAsync(session =>
        {
            session.Execute("INSERT INTO setting (name, value) VALUES (@1, @2)", Name, fresh);
            return fresh;
        }).GetAwaiter().GetResult();
    }
}
