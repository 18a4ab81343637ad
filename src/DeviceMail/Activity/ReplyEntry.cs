using System.Globalization;
using System.Text.RegularExpressions;

namespace DeviceMail.Activity;

/// <summary>What a reply means for the mail.</summary>
public enum Verdict
{
    Later,

    /// <summary>Later, and no fault: a limit of the provider that ends in minutes.</summary>
    Wait,

    /// <summary>Later, and no fault: a limit of the provider that is counted over a day.</summary>
    WaitHour,

    /// <summary>The account's trouble: its mail is kept until the cause is gone.</summary>
    Hold,

    Refuse,
}

/// <summary>A reply as it is matched: its code, its first enhanced code and all its words (RFC 5321 4.2, RFC 3463).</summary>
/// <param name="Code">The reply code, or 0 when there is none.</param>
/// <param name="Enhanced">The enhanced code, or empty.</param>
public sealed partial record ReplyWords(int Code, string Enhanced, string Text)
{
    /// <param name="text">Such as "535 5.7.3 Authentication unsuccessful"; also a part of it.</param>
    public static ReplyWords Of(string text)
    {
        var code = ReplyCode().Match(text);
        return Of(code.Success ? int.Parse(code.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0, text);
    }

    public static ReplyWords Of(int code, string text) => new(code, EnhancedCode().Match(text).Value, text);

    [GeneratedRegex(@"^\s*([2-5]\d\d)(?=[\s-]|$)")]
    private static partial Regex ReplyCode();

    [GeneratedRegex(@"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")]
    private static partial Regex EnhancedCode();
}

/// <summary>A rule for replies.</summary>
/// <param name="Reply">535, 5xx or xxx.</param>
/// <param name="Enhanced">5.7.139, 5.7.606-649, or * for any and for none.</param>
/// <param name="Texts">What the reply says, any of these; empty: whatever it says. A * stands for anything between.</param>
public sealed record ReplyEntry(string Reply, string Enhanced, IReadOnlyList<string> Texts, Problem Problem) : CatalogueEntry(Title(Reply, Enhanced, Texts), Problem)
{
    public required Verdict Verdict { get; init; }

    /// <summary>Whether it is the last word on a whole class of replies: nothing is known but the class.</summary>
    public bool IsAnyReply => Reply is "4xx" or "5xx" && Enhanced == "*" && Texts.Count == 0;

    /// <summary>A reply code of 0 fits any rule.</summary>
    public bool Fits(ReplyWords said) => FitsCode(said.Code) && FitsEnhanced(said.Enhanced) && (Texts.Count == 0 || HasTextIn(said.Text));

    /// <summary>Whether one of the rule's texts is said there, whatever the codes are; texts shorter than <paramref name="shortest"/> do not count.</summary>
    public bool HasTextIn(string said, int shortest = 0) => Texts.Any(text => text.Length >= shortest && Contains(said, text));

    /// <summary>Whether a code alone, as people look it up, means this among others; a part that is not given fits any.</summary>
    public bool IsAbout(ReplyWords codes) =>
        FitsCode(codes.Code) && (codes.Enhanced.Length == 0 || Enhanced != "*" && FitsEnhanced(codes.Enhanced))
        && (codes.Enhanced.Length > 0 || Reply == codes.Code.ToString(CultureInfo.InvariantCulture));

    private bool FitsCode(int code) => code == 0 || Reply switch
    {
        "xxx" => true,
        [var kind, 'x', 'x'] => code / 100 == kind - '0',
        _ => code == int.Parse(Reply, CultureInfo.InvariantCulture),
    };

    private bool FitsEnhanced(string code)
    {
        if (Enhanced == "*" || Enhanced == code) return true;
        var dash = Enhanced.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0) return false;
        var (from, to) = (Enhanced[..dash], int.Parse(Enhanced.AsSpan(dash + 1), CultureInfo.InvariantCulture));
        var dot = from.LastIndexOf('.') + 1;
        return code.StartsWith(from[..dot], StringComparison.Ordinal)
            && int.TryParse(code.AsSpan(dot), NumberStyles.None, CultureInfo.InvariantCulture, out var detail)
            && detail >= int.Parse(from.AsSpan(dot), CultureInfo.InvariantCulture) && detail <= to;
    }

    private static bool Contains(string said, string text)
    {
        var at = 0;
        foreach (var piece in text.Split('*'))
        {
            at = said.IndexOf(piece, at, StringComparison.OrdinalIgnoreCase);
            if (at < 0) return false;
            at += piece.Length;
        }
        return true;
    }

    private static string Title(string reply, string enhanced, IReadOnlyList<string> texts) =>
        (enhanced == "*" ? reply : $"{reply} {enhanced}") + (texts.Count == 0 ? "" : $" {texts[0].Replace("*", " … ", StringComparison.Ordinal)}");
}
