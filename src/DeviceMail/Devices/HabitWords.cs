namespace DeviceMail.Devices;

/// <summary>The habits by the names people use: on the command line, as chips, and in refusals.</summary>
public static class HabitWords
{
    public static IReadOnlyList<(Habits Habit, string Word, string Sentence)> All { get; } =
    [
        (Habits.NoTls, "no-tls", "sends without encryption"),
        (Habits.NoAuth, "no-auth", "sends without signing in"),
        (Habits.HeloOnly, "helo", "says HELO instead of EHLO"),
        (Habits.LfLines, "lf", "ends its lines with LF alone"),
        (Habits.SpaceAfterColon, "space", "puts a space after FROM: and TO:"),
        (Habits.NoBrackets, "no-brackets", "writes addresses without angle brackets"),
        (Habits.OldTls, "old-tls", "speaks TLS 1.0 or 1.1"),
        (Habits.CramMd5, "cram-md5", "signs in with CRAM-MD5; its password is stored readable"),
    ];

    /// <summary>What a device is given when it is allowed by its address: what printers do.</summary>
    public const Habits Printer = Habits.NoTls | Habits.NoAuth | Habits.HeloOnly | Habits.SpaceAfterColon | Habits.NoBrackets;

    public static string Of(Habits habits) => string.Join(", ", All.Where(one => habits.HasFlag(one.Habit)).Select(one => $"{one.Sentence} ({one.Word})"));

    public static Habits? Find(string word) => All.Where(one => one.Word.Equals(word, StringComparison.OrdinalIgnoreCase)).Select(one => (Habits?)one.Habit).FirstOrDefault();
}
