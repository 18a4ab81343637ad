namespace DeviceMail.Storage;

/// <summary>A token, password or client secret. It shows itself only to who asks by name; logs and pages get three stars.</summary>
public sealed class Secret(string value)
{
    public string Reveal() => value;

    public override string ToString() => "***";
}
