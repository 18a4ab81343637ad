using System.Text;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>The addresses in a field such as To (RFC 5322 3.4): display names, quotes, comments and groups are passed over.</summary>
public static class MailAddresses
{
    /// <summary>The address of a From field, or the whole text when it holds none.</summary>
    public static string Single(string field) => Read(field).FirstOrDefault(field.Trim());

    public static IReadOnlyList<string> Read(string field)
    {
        var found = new List<string>();
        var (plain, angle) = (new StringBuilder(), (StringBuilder?)null);
        for (var at = 0; at < field.Length; at++)
        {
            switch (field[at])
            {
                case '(':
                    at = EndOfComment(field, at);
                    break;
                case '"':
                    var end = EndOfQuotes(field, at);
                    (angle ?? plain).Append(field, at, Math.Min(end + 1, field.Length) - at);
                    at = end;
                    break;
                case '<':
                    angle = new();
                    break;
                case '>' when angle is not null:
                    Add(found, angle);
                    (plain, angle) = (new(), null);
                    break;
                case ',' or ';' when angle is null:
                    Add(found, plain);
                    plain.Clear();
                    break;
                case ':' when angle is null:
                    plain.Clear();
                    break;
                default:
                    (angle ?? plain).Append(field[at]);
                    break;
            }
        }

        Add(found, plain);
        return found;
    }

    private static void Add(List<string> found, StringBuilder text)
    {
        var address = text.ToString().Trim();
        if (address.IndexOf('@', StringComparison.Ordinal) > 0)
            found.Add(address);
    }

    private static int EndOfQuotes(string field, int at)
    {
        for (at++; at < field.Length && field[at] != '"'; at++)
        {
            if (field[at] == '\\')
                at++;
        }

        return at;
    }

    private static int EndOfComment(string field, int at)
    {
        var depth = 0;
        for (; at < field.Length; at++)
        {
            depth += field[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (field[at] == '\\')
                at++;
            if (depth == 0)
                break;
        }

        return at;
    }
}
