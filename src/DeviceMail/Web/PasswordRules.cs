using System.Reflection;

namespace DeviceMail.Web;

/// <summary>What an administrator's password must be: long, and not one that everybody tries first (NIST SP 800-63B 3.1.1.2). No rule asks for special characters.</summary>
public static class PasswordRules
{
    public const int Shortest = 12;

    /// <summary>Longer ones would only cost time to hash.</summary>
    public const int Longest = 256;

    private static readonly Lazy<HashSet<string>> _common = new(ReadCommon);

    /// <summary>Null when the password is good, otherwise a sentence.</summary>
    public static string? Check(string password, string address)
    {
        if (password.Length < Shortest) return $"The password has {password.Length} characters; it needs at least {Shortest}. A few unrelated words are good.";
        if (password.Length > Longest) return $"The password is longer than {Longest} characters.";
        var plain = password.ToLowerInvariant();
        return IsCommon(plain) || password.Equals(address, StringComparison.OrdinalIgnoreCase) || IsSequence(plain) || IsRepeated(plain)
            ? "This password is one of the first that somebody would try. A few unrelated words are good."
            : null;
    }

    /// <summary>A common word stays one with digits and signs around it, and twice in a row.</summary>
    private static bool IsCommon(string plain)
    {
        var word = plain.Trim([.. "0123456789!?.,-_#*$%&+=@ "]);
        return _common.Value.Contains(plain) || _common.Value.Contains(word)
            || word.Length % 2 == 0 && word[..(word.Length / 2)] == word[(word.Length / 2)..] && _common.Value.Contains(word[..(word.Length / 2)]);
    }

    /// <summary>Nearly every character follows the one before it: 123456789012, abcdefghijkl, 210987654321.</summary>
    private static bool IsSequence(string plain)
    {
        var steps = plain.Zip(plain.Skip(1), (one, next) => next - one).ToList();
        return steps.Count(step => step == 1) >= steps.Count - 2 || steps.Count(step => step == -1) >= steps.Count - 2;
    }

    /// <summary>At most four different characters, or a piece of up to four repeated.</summary>
    private static bool IsRepeated(string plain)
    {
        if (plain.Distinct().Count() <= 4) return true;
        for (var length = 1; length <= 4; length++)
            if (Enumerable.Range(length, plain.Length - length).All(i => plain[i] == plain[i - length])) return true;
        return false;
    }

    private static HashSet<string> ReadCommon()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("DeviceMail.Web.CommonPasswords.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
