using System.Diagnostics.CodeAnalysis;

namespace DeviceMail.Settings;

/// <summary>One thing an administrator can change: its name, default, range and help, and how its text is read.</summary>
public abstract record Setting(string Name, string Default, string Range, string Help)
{
    /// <summary>Null when the text is a value of this setting, otherwise a sentence that says what it must be.</summary>
    public abstract string? Check(string text);
}

public delegate bool ReadSetting<T>(string text, [MaybeNullWhen(false)] out T value);

public sealed record Setting<T>(string Name, string Default, string Range, string Help) : Setting(Name, Default, Range, Help)
{
    public required ReadSetting<T> Read { get; init; }

    public override string? Check(string text) => Read(text, out _)
        ? null
        : $"{Name} cannot be “{text}”: it must be {Range}. Its default is {(Default.Length == 0 ? "empty" : Default)}.";

    public T ValueOf(string text) => Read(text, out var value) ? value : throw new FormatException(Check(text));
}
